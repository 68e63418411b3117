"""Telling workers where to look: a message after commit, and a wake-up row that survives everything else."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.core import clock
from apps.tenancy.services import wakeups
from apps.workflows.engine.plan import PlannedStep
from apps.workflows.enums import RunStatus, StepStatus
from apps.workflows.models import StepResult, WorkflowRun
from celery_app.enqueue import enqueue

WAKEUP = "workflows.run"
# How long a dispatched step may stay unclaimed before it is dispatched again; after the last one the run dies.
GRACE_S: tuple[int, ...] = (15, 60, 300, 900, 3600)
QUEUED_LOOK_S = 60
HARD_LIMIT_MARGIN_S = 30
log = structlog.get_logger(__name__)


def send_step(run_id: UUID, step: PlannedStep, *, again: bool) -> None:
    """Enqueue one step once the transaction is committed. A lost message is made good by the run's wake-up."""
    transaction.on_commit(lambda: _send(run_id, step, again=again))


def schedule_look(run: WorkflowRun) -> None:
    """One wake-up per unfinished run, at the first moment at which somebody must look at it again."""
    wakeups.schedule(WAKEUP, _next_look(run), str(run.id))


def forget(run: WorkflowRun) -> None:
    """A finished run needs no looking at."""
    wakeups.cancel(WAKEUP, str(run.id))


def _send(run_id: UUID, step: PlannedStep, *, again: bool) -> None:
    try:
        enqueue(
            "workflows.step_again" if again else "workflows.step",
            str(run_id),
            step.name,
            soft_time_limit=step.timeout_s,
            time_limit=step.timeout_s + HARD_LIMIT_MARGIN_S,
        )
    except OperationalError as error:
        log.warning("workflow.dispatch_failed", run_id=str(run_id), step=step.name, error=type(error).__name__)


def _next_look(run: WorkflowRun) -> datetime:
    now = clock.now()
    if run.state in {RunStatus.QUEUED, RunStatus.WAITING_UPSTREAM}:
        return now + timedelta(seconds=QUEUED_LOOK_S)
    grace = timedelta(seconds=GRACE_S[min(run.dispatches, len(GRACE_S) - 1)])
    moments = [_look_at(step, now, grace) for step in StepResult.objects.filter(run_id=run.id)]
    return min((moment for moment in moments if moment), default=now + grace)


def _look_at(step: StepResult, now: datetime, grace: timedelta) -> datetime | None:
    if step.state is StepStatus.RUNNING:
        return (step.lease_expires_at or now) + timedelta(milliseconds=100)
    if step.state is not StepStatus.READY:
        return None
    if step.due_at and step.due_at > now:
        return step.due_at
    return now + grace
