"""Working on one step, the way a task does it: claim, run, settle. Safe to call any number of times."""

from uuid import UUID

import structlog
from django.db import connection
from pydantic import BaseModel

from apps.workflows.engine.failures import NEXT_STEPS
from apps.workflows.enums import FailureCode
from apps.workflows.errors import LeaseLost, RunCancelled, StepFailure
from apps.workflows.registry import get_flow, output_model_of
from apps.workflows.selectors import actors
from apps.workflows.services import claims, failures, settle
from apps.workflows.services.context import RunningStep
from apps.workflows.services.heartbeat import Heartbeat

log = structlog.get_logger(__name__)


def perform(run_id: UUID, step_name: str) -> bool:
    """Do the step if it is ready and nobody does it; True when this call settled it."""
    claim = claims.take(run_id, step_name)
    if claim is None:
        return False
    with (
        structlog.contextvars.bound_contextvars(run_id=str(run_id), step=step_name, request_id=claim.run.request_id),
        Heartbeat(claim) as heartbeat,
    ):
        return _run(claim, heartbeat)


def _run(claim: claims.Claim, heartbeat: Heartbeat) -> bool:
    try:
        ctx = RunningStep(claim, actors.of_run(claim.run), heartbeat)
        output = _call(claim, ctx)
    except RunCancelled:
        return settle.cancelled(claim)
    except LeaseLost:
        log.warning("workflow.lease_lost")
        return False
    except Exception as error:
        # A process edge: whatever a step raises becomes its stored failure.
        _leave_broken_transaction()
        failed = failures.classify(error)
        log.warning("workflow.step_failed", code=failed.code, exc_info=failed.code is FailureCode.INTERNAL_ERROR)
        return settle.failure(claim, failed)
    return settle.success(claim, ctx, output)


def _call(claim: claims.Claim, ctx: RunningStep) -> BaseModel:
    flow = get_flow(claim.run.flow)
    step = flow.step(claim.step.step_name)
    if step is None:
        raise StepFailure(
            FailureCode.VALIDATION_FAILED,
            "This version of ATOM no longer has the step; start the workflow again.",
            next_steps=NEXT_STEPS[FailureCode.VALIDATION_FAILED],
        )
    function = step.function()
    output = function(ctx, flow.input.model_validate(claim.run.input))
    return output_model_of(function).model_validate(output)


def _leave_broken_transaction() -> None:
    """A step that lost its connection must not take the record of its failure with it."""
    connection.close_if_unusable_or_obsolete()
