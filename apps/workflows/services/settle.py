"""Writing down how a step ended. The fence decides who may; a late worker's result is refused."""

import time
from datetime import timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from pydantic import BaseModel

from apps.core import clock
from apps.workflows.engine import keys, retry
from apps.workflows.enums import FailureCode, RunStatus, StepStatus
from apps.workflows.errors import LeaseLost
from apps.workflows.models import StepResult
from apps.workflows.services import admission, metrics
from apps.workflows.services.claims import Claim
from apps.workflows.services.context import RunningStep
from apps.workflows.services.failures import Failure
from apps.workflows.services.transitions import LockedRun, lock_run, move_step, note

RETRY_PAUSES_S = (0.1, 1.0, 3.0)
log = structlog.get_logger(__name__)


def success(claim: Claim, ctx: RunningStep, output: BaseModel) -> bool:
    """The step returned; False when its lease was lost meanwhile."""
    stored = output.model_dump(mode="json")
    return _settle(
        claim,
        StepStatus.SUCCESS,
        output=stored,
        output_hash=keys.sha256_of(stored),
        warnings=ctx.warnings,
        links=ctx.links,
        progress=1.0,
        progress_message=ctx.last_message[:300],
        progress_fields=ctx.last_fields,
        finished_at=clock.now(),
    )


def cancelled(claim: Claim) -> bool:
    """The step heard that the run is to stop, and stopped."""
    return _settle(claim, StepStatus.CANCELLED, finished_at=clock.now())


def failure(claim: Claim, failed: Failure) -> bool:
    """The step failed: again later, or for good."""
    step = claim.step
    verdict = retry.decide(
        failed.code,
        retries_done=step.retry_count,
        max_retries=claim.run.frozen_plan.get(step.step_name).max_retries,
        timed_out_before=step.timeouts > 0,
        sampling=step.sampling,
        seed=str(step.id),
    )
    changes: dict[str, Any] = {
        "error_code": failed.code,
        "error": failed.to_json(),
        "timeouts": step.timeouts + (failed.code is FailureCode.TIMEOUT),
        "finished_at": clock.now(),
    }
    if isinstance(verdict, retry.GiveUp):
        return _settle(claim, StepStatus.FAILED, message=failed.message, **changes)
    due_at = clock.now() + timedelta(seconds=verdict.delay_s)
    message = f"{failed.message} Again in {verdict.delay_s:.0f} s."
    return _settle(
        claim,
        StepStatus.READY,
        message=message,
        due_at=due_at,
        retry_count=step.retry_count + 1,
        sampling=verdict.sampling,
        **changes,
    )


def _settle(claim: Claim, to: StepStatus, *, message: str = "", **changes: Any) -> bool:
    """Write the end of the attempt; a deadlock or a lost connection must not make finished work be done again."""
    for pause in (*RETRY_PAUSES_S, None):
        try:
            return _write(claim, to, message=message, **changes)
        except (OperationalError, InterfaceError) as error:
            if pause is None:
                raise
            log.warning("workflow.settle_again", run_id=str(claim.run.id), error=type(error).__name__)
            connection.close_if_unusable_or_obsolete()
            time.sleep(pause)
    raise AssertionError("unreachable")


def _write(claim: Claim, to: StepStatus, *, message: str, **changes: Any) -> bool:
    """The end of the attempt and the run's next move, in one transaction."""
    with transaction.atomic():
        run = lock_run(claim.run.id)
        step = StepResult.objects.get(id=claim.step.id)
        if step.fence != claim.fence or step.state is not StepStatus.RUNNING:
            _refuse(run, claim)
            return False
        move_step(
            run, step, _unless_stopping(run, to), message=message, lease_owner="", lease_expires_at=None, **changes
        )
        admission.move_on(run)
    _count(claim, step)
    return True


def _count(claim: Claim, step: StepResult) -> None:
    metrics.STEPS.labels(claim.run.flow, step.step_name, "retry" if step.status == "ready" else step.status).inc()
    if step.state is StepStatus.SUCCESS and step.started_at and step.finished_at:
        seconds = (step.finished_at - step.started_at).total_seconds()
        metrics.STEP_SECONDS.labels(claim.run.flow, step.step_name).observe(seconds)


def _unless_stopping(run: LockedRun, to: StepStatus) -> StepStatus:
    """A run that is being cancelled retries nothing."""
    return StepStatus.CANCELLED if run.state is RunStatus.CANCELLING and to is StepStatus.READY else to


def _refuse(run: LockedRun, claim: Claim) -> None:
    metrics.LATE_RESULTS.inc()
    log.warning("workflow.late_result", run_id=str(run.id), step=claim.step.step_name, error=LeaseLost.__name__)
    note(run, "A late worker's result was refused.", step_name=claim.step.step_name)
