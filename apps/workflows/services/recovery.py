"""Looking at a run because its wake-up is due: takes over from dead workers, sends again what nobody took."""

from uuid import UUID

import structlog
from django.db import transaction

from apps.core import clock
from apps.core.tenant import TenantRef
from apps.workflows.enums import FailureCode, RunStatus, StepStatus
from apps.workflows.errors import RunNotFoundError
from apps.workflows.models import StepResult, WorkflowRun
from apps.workflows.services import admission, advance, claims, dispatch, metrics
from apps.workflows.services.transitions import LockedRun, lock_run, move_step

log = structlog.get_logger(__name__)


def look(ref: str, _tenant: TenantRef) -> None:
    """Handler of the wake-up `workflows.run`: does what is due in this run and says when to look again."""
    with transaction.atomic():
        try:
            run = lock_run(UUID(ref))
        except RunNotFoundError:
            return
        if run.is_finished:
            return
        if run.state in {RunStatus.RUNNING, RunStatus.CANCELLING}:
            _take_over(run)
            _send_again(run)
        if not run.is_finished:
            admission.move_on(run)
    admission.admit_waiting()


def _take_over(run: LockedRun) -> None:
    now = clock.now()
    for step in advance.steps_of(run).values():
        if step.state is not StepStatus.RUNNING or not claims.lease_is_over(step, now):
            continue
        metrics.WORKERS_LOST.inc()
        log.warning("workflow.worker_lost", run_id=str(run.id), step=step.step_name)
        if run.state is RunStatus.CANCELLING:
            move_step(run, step, StepStatus.CANCELLED, fence=step.fence + 1, finished_at=now)
        else:
            claims.revive(run, step)


def _send_again(run: LockedRun) -> None:
    """Ready steps go out again; a run whose steps nobody takes five times in a row dies."""
    if run.state is not RunStatus.RUNNING or not _has_due_step(run):
        return
    if run.dispatches >= len(dispatch.GRACE_S):
        admission.fail(run, FailureCode.DISPATCH_FAILED, "No worker took the next step, five times in a row.")
        return
    advance.send_ready(run)
    run.dispatches += 1
    WorkflowRun.objects.filter(id=run.id).update(dispatches=run.dispatches)


def _has_due_step(run: WorkflowRun) -> bool:
    now = clock.now()
    ready = StepResult.objects.filter(run_id=run.id, status=StepStatus.READY)
    return any(step.due_at is None or step.due_at <= now for step in ready)
