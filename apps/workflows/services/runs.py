"""What people and other apps do to runs: start, cancel, send on after a failure."""

from uuid import UUID

from django.db import IntegrityError, transaction
from pydantic import BaseModel

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, InvalidInput
from apps.core.ids import new_id
from apps.core.permissions import Scope
from apps.workflows.contracts import Run
from apps.workflows.engine import keys
from apps.workflows.engine.states import RECOVERABLE_RUNS, UNFINISHED_RUNS
from apps.workflows.enums import RecoverAction, RunStatus, StepStatus, TimelineKind
from apps.workflows.errors import NotRecoverableError
from apps.workflows.models import StepResult, TimelineRow, WorkflowRun
from apps.workflows.registry import Flow, get_flow
from apps.workflows.selectors import actors
from apps.workflows.selectors import runs as run_selectors
from apps.workflows.services import admission, advance, announce, auditor, dispatch
from apps.workflows.services.transitions import LockedRun, lock_run, move_run, move_step


def start(flow_name: str, input_model: BaseModel, *, actor: Actor, run_key: str | None = None, title: str = "") -> Run:
    """Start a flow, or join the run with the same key that is under way (`joined=True`).

    The caller has checked that the actor may. `run_key` is the logical identity of the work; without one the
    input's hash is. `title` is what lists show.
    """
    flow = get_flow(flow_name)
    values = flow.input.model_validate(input_model.model_dump()).model_dump(mode="json")
    key = keys.run_key(flow.name, tenant_context.require().id, keys.sha256_of(values), run_key)
    for _ in range(3):
        under_way = WorkflowRun.objects.unfinished().filter(run_key=key).first()
        if under_way is not None:
            return as_contract(under_way, joined=True)
        run = _insert(flow, values, key, actor=actor, title=title)
        if run is not None:
            run.refresh_from_db()
            return as_contract(run)
    raise Conflict("The same work was started and ended several times just now; try again.")


def resume(run_id: UUID, *, actor: Actor) -> Run:
    """For start endpoints that take a `workflow_id`: under way or done it is returned, failed it is sent on."""
    run = run_selectors.get_run_for(actor, run_id)
    if run.state in RECOVERABLE_RUNS:
        return recover(run_id, RecoverAction.RETRY, actor=actor)
    return as_contract(run, joined=run.state in UNFINISHED_RUNS)


def cancel(run_id: UUID, *, actor: Actor) -> Run:
    """Ask a run to stop. What waits stops at once, what runs at its next look; final once it is `cancelled`."""
    actor.require(Scope.WORKFLOW_OPERATE)
    run_selectors.get_run_for(actor, run_id)
    with trail.unit_of_work():
        run = lock_run(run_id)
        if run.is_finished:
            raise Conflict(f"The run has ended already ({run.status}); there is nothing to cancel.")
        if run.cancel_requested_at is None:
            _ask_to_stop(run, actor)
            _record(actor, "workflow.cancelled", run)
    return as_contract(WorkflowRun.objects.get(id=run_id))


def recover(run_id: UUID, action: RecoverAction, *, actor: Actor, step: str = "") -> Run:
    """Send a failed run on from its failed step; finished steps keep their outputs."""
    actor.require(Scope.WORKFLOW_OPERATE)
    run_selectors.get_run_for(actor, run_id)
    try:
        with trail.unit_of_work():
            run = lock_run(run_id)
            if not run.can_recover:
                raise NotRecoverableError(f"A run that is {run.status} cannot be sent on.")
            _prepare(run, action, step)
            _requeue(run, actor, action)
            _record(actor, f"workflow.{action}", run, step=step)
    except IntegrityError:
        raise Conflict("The same work is under way in another run.") from None
    return as_contract(WorkflowRun.objects.get(id=run_id))


def as_contract(run: WorkflowRun, *, joined: bool = False) -> Run:
    """The run as other apps see it."""
    return Run(
        id=run.id,
        flow=run.flow,
        status=run.state,
        progress=run.progress,
        queued_at=run.queued_at,
        queue_position=run_selectors.place_of(run),
        joined=joined,
    )


def _insert(flow: Flow, values: dict[str, object], key: str, *, actor: Actor, title: str) -> WorkflowRun | None:
    """A new run with its steps, or None when another start was faster."""
    run = WorkflowRun(
        id=new_id(),
        flow=flow.name,
        title=(title or flow.title or flow.name)[:160],
        plan=flow.plan.to_json(),
        input=values,
        input_hash=keys.sha256_of(values),
        run_key=key,
        actor_id=actor.id,
        actor=actors.snapshot(actor),
        request_id=actor.request_id[:64],
        session_id=actor.request_id[:64],
        queued_at=clock.now(),
    )
    try:
        with trail.unit_of_work():
            with transaction.atomic():
                run.save(force_insert=True)
            _write_plan(run)
            _record(actor, "workflow.started", run)
    except IntegrityError:
        return None
    return run


def _write_plan(run: WorkflowRun) -> None:
    StepResult.objects.bulk_create(
        StepResult(run_id=run.id, step_name=step.name, position=place, title=step.title)
        for place, step in enumerate(run.frozen_plan.steps)
    )
    TimelineRow.objects.create(run_id=run.id, kind=TimelineKind.RUN_STATE, after=run.status, actor_id=run.actor_id)
    announce.run_changed(run)
    dispatch.schedule_look(run)
    auditor.watch()
    admission.admit_after_commit()


def _ask_to_stop(run: LockedRun, actor: Actor) -> None:
    now = clock.now()
    if run.state is RunStatus.RUNNING:
        move_run(run, RunStatus.CANCELLING, actor_id=actor.id, cancel_requested_at=now)
        admission.move_on(run)
        return
    for row in advance.steps_of(run).values():
        if row.state in {StepStatus.PENDING, StepStatus.READY}:
            move_step(run, row, StepStatus.CANCELLED)
    move_run(run, RunStatus.CANCELLED, actor_id=actor.id, cancel_requested_at=now, finished_at=now)
    admission.move_on(run)


def _prepare(run: LockedRun, action: RecoverAction, wanted: str) -> None:
    """Make the failed steps runnable (or skipped) again, with a fresh budget of retries."""
    plan = run.frozen_plan
    failed = [row for row in advance.steps_of(run).values() if row.state is StepStatus.FAILED]
    if wanted and wanted not in {row.step_name for row in failed}:
        raise InvalidInput(f"Step {wanted!r} has not failed.")
    for row in failed:
        if wanted and row.step_name != wanted:
            continue
        if action is RecoverAction.SKIP_AND_CONTINUE:
            if not plan.may_skip(row.step_name):
                raise NotRecoverableError(f"Step {row.title!r} cannot be skipped: others need what it returns.")
            move_step(run, row, StepStatus.SKIPPED)
            continue
        sampling = row.sampling or action is RecoverAction.RETRY_WITH_SAMPLING
        move_step(
            run, row, StepStatus.READY, retry_count=0, timeouts=0, lost_workers=0, due_at=None, progress=0,
            progress_message="", sampling=sampling, finished_at=None,
        )  # fmt: skip


def _requeue(run: LockedRun, actor: Actor, action: RecoverAction) -> None:
    move_run(
        run, RunStatus.QUEUED, actor_id=actor.id, message=action.value, queued_at=clock.now(), finished_at=None,
        error_code="", error=None, reason="", dispatches=0,
    )  # fmt: skip
    dispatch.schedule_look(run)
    admission.admit_after_commit()


def _record(actor: Actor, action: str, run: WorkflowRun, **summary: object) -> None:
    trail.record(
        actor,
        action,
        object_type="workflow_run",
        object_id=run.id,
        summary={"flow": run.flow, "input_hash": run.input_hash, **summary},
    )
