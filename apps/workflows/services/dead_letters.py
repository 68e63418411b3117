"""Keeping whole what ended in a way that wants a person."""

from collections.abc import Sequence
from typing import Any

from apps.workflows.engine.failures import FailureClass, class_of
from apps.workflows.enums import FailureCode
from apps.workflows.models import DeadLetter, StepResult, TimelineRow, WorkflowRun

KEPT = frozenset({FailureClass.POISON, FailureClass.RETRYABLE})


def keep(run: WorkflowRun, steps: Sequence[StepResult]) -> None:
    """Write a dead letter when retries are used up or the failure is of the poisonous kind; otherwise nothing."""
    code = FailureCode(run.error_code)
    if class_of(code) not in KEPT:
        return
    DeadLetter.objects.create(
        workflow_id=run.id,
        flow=run.flow,
        failure_class=class_of(code),
        error_code=code,
        input_hash=run.input_hash,
        steps=[_step(step) for step in steps],
        history=[_row(row) for row in TimelineRow.objects.filter(run_id=run.id)],
    )


def _step(step: StepResult) -> dict[str, Any]:
    return {
        "step": step.step_name,
        "status": step.status,
        "output_hash": step.output_hash,
        "retry_count": step.retry_count,
        "error": step.error,
        "started_at": step.started_at.isoformat() if step.started_at else None,
        "finished_at": step.finished_at.isoformat() if step.finished_at else None,
    }


def _row(row: TimelineRow) -> dict[str, Any]:
    return {
        "at": row.created_at.isoformat(),
        "step": row.step_name,
        "before": row.before,
        "after": row.after,
        "code": row.code,
        "message": row.message,
    }
