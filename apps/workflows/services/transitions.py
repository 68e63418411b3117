"""The only place where states change: table of transitions, compare-and-set, timeline row, event."""

from typing import Any, NewType
from uuid import UUID

from apps.core import clock
from apps.core.errors import Conflict
from apps.workflows.engine import states
from apps.workflows.enums import RunStatus, StepStatus, TimelineKind
from apps.workflows.errors import LeaseLost, RunNotFoundError
from apps.workflows.models import StepResult, TimelineRow, WorkflowRun
from apps.workflows.services import announce, metrics

LockedRun = NewType("LockedRun", WorkflowRun)


def lock_run(run_id: UUID) -> LockedRun:
    """The run, its row locked until the transaction ends; every change of a run's steps holds this lock."""
    run = WorkflowRun.objects.select_for_update().filter(id=run_id).first()
    if run is None:
        raise RunNotFoundError
    return LockedRun(run)


def move_run(run: LockedRun, to: RunStatus, *, actor_id: UUID | None = None, message: str = "", **changes: Any) -> None:
    """Change the run's state and what belongs to it; raises Conflict when somebody else was first."""
    before = run.state
    states.check_run(before, to)
    values = {"status": to, "updated_at": clock.now(), **changes}
    if not WorkflowRun.objects.filter(id=run.id, status=before).update(**values):
        raise Conflict("The run has changed meanwhile; read it again.")
    _apply(run, values)
    _write_row(
        run,
        TimelineKind.RUN_STATE,
        before=before,
        after=to,
        code=run.error_code or run.reason,
        message=message,
        actor_id=actor_id,
    )
    metrics.RUNS.labels(run.flow, to.value).inc()
    announce.run_changed(run)


def move_step(run: LockedRun, step: StepResult, to: StepStatus, *, message: str = "", **changes: Any) -> None:
    """Change a step's state; only while its fence is the one in `step` (raises LeaseLost otherwise)."""
    before = step.state
    states.check_step(before, to)
    values = {"status": to, "updated_at": clock.now(), **changes}
    held = StepResult.objects.filter(id=step.id, status=before, fence=step.fence)
    if not held.update(**values):
        raise LeaseLost(step.step_name)
    _apply(step, values)
    _write_row(
        run,
        TimelineKind.STEP_STATE,
        step_name=step.step_name,
        attempt=step.retry_count + 1,
        before=before,
        after=to,
        code=step.error_code,
        message=message,
    )
    announce.step_changed(run, step)


def note(run: WorkflowRun, message: str, *, step_name: str = "", actor_id: UUID | None = None) -> None:
    """A line in the timeline that changes no state."""
    _write_row(run, TimelineKind.NOTE, step_name=step_name, message=message, actor_id=actor_id)


def _apply(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _write_row(run: WorkflowRun, kind: TimelineKind, **fields: Any) -> None:
    TimelineRow.objects.create(run_id=run.id, kind=kind, created_at=clock.now(), **fields)
