"""Moving a run on after anything happened to one of its steps."""

from typing import Any

from apps.core import clock
from apps.workflows.engine.failures import NEXT_STEPS
from apps.workflows.engine.plan import Plan
from apps.workflows.enums import FailureCode, RecoverAction, RunStatus, StepStatus
from apps.workflows.models import StepResult, WorkflowRun
from apps.workflows.services import dead_letters, dispatch
from apps.workflows.services.transitions import LockedRun, move_run, move_step

SUMMARY_LENGTH = 160


def advance(run: LockedRun) -> None:
    """Do what follows, inside the caller's transaction:

    1. asked to stop: cancel what has not begun; cancelled once nothing runs
    2. nothing can move any more: finish with success, partial failure or failure
    3. otherwise make ready what waits for nothing, and enqueue it after commit
    4. write down when to look again
    """
    steps = steps_of(run)
    if run.state is RunStatus.CANCELLING:
        _cancel(run, steps)
    elif run.state is RunStatus.RUNNING:
        _release_or_finish(run, steps)
    if run.is_finished:
        dispatch.forget(run)
    else:
        dispatch.schedule_look(run)


def steps_of(run: WorkflowRun) -> dict[str, StepResult]:
    """The steps of a run by name, in plan order."""
    return {step.step_name: step for step in StepResult.objects.filter(run_id=run.id).order_by("position")}


def fail_run(run: LockedRun, code: FailureCode, message: str) -> None:
    """End the run for a reason that lies in no step."""
    _finish(run, steps_of(run), RunStatus.FAILED, code=code, message=message)
    dispatch.forget(run)


def send_ready(run: LockedRun) -> int:
    """Enqueue (again) the steps that are ready and due; answers how many."""
    plan, now = run.frozen_plan, clock.now()
    ready = [s for s in steps_of(run).values() if s.state is StepStatus.READY and (s.due_at is None or s.due_at <= now)]
    for step in ready:
        dispatch.send_step(run.id, plan.get(step.step_name), again=step.retry_count > 0)
    return len(ready)


def _cancel(run: LockedRun, steps: dict[str, StepResult]) -> None:
    for step in steps.values():
        if step.state in {StepStatus.PENDING, StepStatus.READY}:
            move_step(run, step, StepStatus.CANCELLED)
    if not any(step.state is StepStatus.RUNNING for step in steps.values()):
        move_run(run, RunStatus.CANCELLED, finished_at=clock.now(), slot_expires_at=None)


def _release_or_finish(run: LockedRun, steps: dict[str, StepResult]) -> None:
    plan = run.frozen_plan
    statuses = {name: step.state for name, step in steps.items()}
    outcome = plan.outcome(statuses)
    if outcome is not None:
        _finish(run, steps, outcome)
        return
    for name in plan.released_by(statuses):
        move_step(run, steps[name], StepStatus.READY)
        dispatch.send_step(run.id, plan.get(name), again=False)
    _store_progress(run, plan, steps)


def _store_progress(run: LockedRun, plan: Plan, steps: dict[str, StepResult]) -> None:
    fractions = {name: step.progress for name, step in steps.items()}
    run.progress = plan.progress(fractions, {name: step.state for name, step in steps.items()})
    WorkflowRun.objects.filter(id=run.id).update(progress=run.progress)


def _finish(
    run: LockedRun,
    steps: dict[str, StepResult],
    outcome: RunStatus,
    *,
    code: FailureCode | None = None,
    message: str = "",
) -> None:
    warnings = [warning for step in steps.values() for warning in step.warnings]
    changes: dict[str, Any] = {"finished_at": clock.now(), "slot_expires_at": None, "warnings": warnings}
    if outcome is RunStatus.SUCCEEDED:
        changes["progress"] = 1.0
    else:
        changes |= _failure(run, steps, code, message)
    move_run(run, outcome, message=message, **changes)
    if outcome is not RunStatus.SUCCEEDED:
        dead_letters.keep(run, list(steps.values()))


def _failure(run: LockedRun, steps: dict[str, StepResult], code: FailureCode | None, message: str) -> dict[str, Any]:
    """What a person gets to read: what is done, what failed, why, and the ways on."""
    plan = run.frozen_plan
    failed = next(
        (s for s in steps.values() if s.state is StepStatus.FAILED and not plan.get(s.step_name).optional), None
    )
    error = dict(failed.error or {}) if failed else {}
    found = code or FailureCode(str(error.get("code", FailureCode.INTERNAL_ERROR)))
    payload = {
        "code": found,
        "message": message or error.get("message", ""),
        "failed_step": failed.step_name if failed else "",
        "retry_count": failed.retry_count if failed else 0,
        "completed": [
            {"step": step.step_name, "title": step.title, "summary": summary_of(step)}
            for step in steps.values()
            if step.state is StepStatus.SUCCESS
        ],
        "next_steps": error.get("next_steps") or [{"label": label, "href": ""} for label in NEXT_STEPS[found]],
        "actions": [action.value for action in actions_for(plan, failed)],
        "extra": error.get("extra", {}),
    }
    return {"error_code": found, "error": payload}


def actions_for(plan: Plan, failed: StepResult | None) -> list[RecoverAction]:
    """Which ways on the graph and the failure allow."""
    actions = [RecoverAction.RETRY, RecoverAction.RETRY_WITH_SAMPLING]
    if failed is not None and plan.may_skip(failed.step_name):
        actions.append(RecoverAction.SKIP_AND_CONTINUE)
    return actions


def summary_of(step: StepResult) -> str:
    """One short line on a finished step: its last words, else the first plain facts of its output."""
    if step.progress_message:
        return step.progress_message[:SUMMARY_LENGTH]
    output = step.output if isinstance(step.output, dict) else {}
    facts = [f"{name}: {value}" for name, value in output.items() if isinstance(value, str | int | float)]
    return ", ".join(facts)[:SUMMARY_LENGTH]
