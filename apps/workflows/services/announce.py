"""What the outside hears of a run: the domain event in the same transaction, the page's message after commit."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.audit.services import outbox
from apps.core import tenant as tenant_context
from apps.realtime.services.publisher import publish
from apps.workflows.models import StepResult, WorkflowRun

EVENT = "workflow_state_transition"


def topic_of(run_id: object) -> str:
    """The realtime topic of a run."""
    return f"workflow.{run_id}"


def run_changed(run: WorkflowRun) -> None:
    """The run has a new state."""
    _event(run, step_id="", status=run.status, error_code=run.error_code, moments=(run.started_at, run.finished_at))
    send(
        run,
        {
            "type": "run",
            "status": run.status,
            "reason": run.reason,
            "progress": run.progress,
            "error_code": run.error_code,
            "finished": run.is_finished,
        },
    )


def step_changed(run: WorkflowRun, step: StepResult) -> None:
    """A step has a new state."""
    moments = (step.started_at, step.finished_at)
    _event(run, step_id=step.step_name, status=step.status, error_code=step.error_code, moments=moments)
    send(
        run,
        {
            "type": "step",
            "step": step.step_name,
            "status": step.status,
            "retry_count": step.retry_count,
            "error_code": step.error_code,
        },
    )


def send(run: WorkflowRun, message: Mapping[str, Any]) -> None:
    """Publish on the run's topic once the transaction is committed."""
    tenant_id, topic = tenant_context.require().id, topic_of(run.id)
    body = {**message, "workflow_id": str(run.id)}
    transaction.on_commit(lambda: _publish(tenant_id, topic, body))


def _publish(tenant_id: Any, topic: str, body: Mapping[str, Any]) -> None:
    publish(tenant_id, topic, body)


def _event(run: WorkflowRun, *, step_id: str, status: str, error_code: str, moments: tuple[Any, Any]) -> None:
    started_at, finished_at = moments
    outbox.announce(
        EVENT,
        {
            "org_id": str(tenant_context.require().id),
            "session_id": run.session_id,
            "workflow_id": str(run.id),
            "step_id": step_id,
            "status": status,
            "error_code": error_code,
            "started_at": started_at.isoformat() if started_at else None,
            "finished_at": finished_at.isoformat() if finished_at else None,
        },
    )
