"""Which run and step states may follow which. Everything that changes a state asks here first."""

from collections.abc import Mapping

from apps.workflows.enums import RunStatus, StepStatus

RUN_TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.FAILED}),
    RunStatus.RUNNING: frozenset(
        {
            RunStatus.SUCCEEDED,
            RunStatus.PARTIAL_FAILURE,
            RunStatus.FAILED,
            RunStatus.CANCELLING,
            RunStatus.CANCELLED,
            RunStatus.WAITING_UPSTREAM,
            RunStatus.QUEUED,
        }
    ),
    RunStatus.WAITING_UPSTREAM: frozenset({RunStatus.QUEUED, RunStatus.CANCELLED, RunStatus.FAILED}),
    RunStatus.CANCELLING: frozenset({RunStatus.CANCELLED}),
    RunStatus.PARTIAL_FAILURE: frozenset({RunStatus.QUEUED}),
    RunStatus.FAILED: frozenset({RunStatus.QUEUED}),
    RunStatus.SUCCEEDED: frozenset(),
    RunStatus.CANCELLED: frozenset(),
}

STEP_TRANSITIONS: Mapping[StepStatus, frozenset[StepStatus]] = {
    StepStatus.PENDING: frozenset({StepStatus.READY, StepStatus.SKIPPED, StepStatus.CANCELLED}),
    StepStatus.READY: frozenset(
        {StepStatus.RUNNING, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.CANCELLED, StepStatus.PENDING}
    ),
    # running → running: another worker takes over after the lease ran out
    StepStatus.RUNNING: frozenset(
        {
            StepStatus.RUNNING,
            StepStatus.READY,
            StepStatus.SUCCESS,
            StepStatus.FAILED,
            StepStatus.SKIPPED,
            StepStatus.CANCELLED,
        }
    ),
    StepStatus.FAILED: frozenset({StepStatus.READY, StepStatus.PENDING, StepStatus.SKIPPED}),
    StepStatus.SKIPPED: frozenset({StepStatus.PENDING}),
    StepStatus.SUCCESS: frozenset(),
    StepStatus.CANCELLED: frozenset(),
}

UNFINISHED_RUNS: frozenset[RunStatus] = frozenset(
    {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING_UPSTREAM, RunStatus.CANCELLING}
)
FINISHED_RUNS: frozenset[RunStatus] = frozenset(RunStatus) - UNFINISHED_RUNS
RECOVERABLE_RUNS: frozenset[RunStatus] = frozenset({RunStatus.PARTIAL_FAILURE, RunStatus.FAILED})
SLOT_HOLDERS: frozenset[RunStatus] = frozenset({RunStatus.RUNNING, RunStatus.CANCELLING})
SETTLED_STEPS: frozenset[StepStatus] = frozenset(
    {StepStatus.SUCCESS, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.CANCELLED}
)
OPEN_STEPS: frozenset[StepStatus] = frozenset(StepStatus) - SETTLED_STEPS


class TransitionError(Exception):
    """A state was asked to become one that may not follow it."""


def check_run(before: RunStatus, after: RunStatus) -> None:
    if after not in RUN_TRANSITIONS[before]:
        raise TransitionError(f"a run that is {before} cannot become {after}")


def check_step(before: StepStatus, after: StepStatus) -> None:
    if after not in STEP_TRANSITIONS[before]:
        raise TransitionError(f"a step that is {before} cannot become {after}")
