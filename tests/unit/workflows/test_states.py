"""The tables of allowed transitions."""

import pytest

from apps.workflows.engine import states
from apps.workflows.enums import RunStatus, StepStatus


@pytest.mark.parametrize("final", [RunStatus.SUCCEEDED, RunStatus.CANCELLED])
def test_success_and_cancellation_are_final(final: RunStatus) -> None:
    assert not states.RUN_TRANSITIONS[final]


def test_every_state_has_a_row() -> None:
    assert set(states.RUN_TRANSITIONS) == set(RunStatus)
    assert set(states.STEP_TRANSITIONS) == set(StepStatus)


def test_every_unfinished_run_can_be_cancelled() -> None:
    for status in states.UNFINISHED_RUNS:
        assert states.RUN_TRANSITIONS[status] & {RunStatus.CANCELLED, RunStatus.CANCELLING}


def test_a_step_that_succeeded_never_runs_again() -> None:
    assert not states.STEP_TRANSITIONS[StepStatus.SUCCESS]


def test_every_state_can_be_reached_from_the_first() -> None:
    reached = {RunStatus.QUEUED}
    for _ in RunStatus:
        reached |= {after for before in reached for after in states.RUN_TRANSITIONS[before]}
    assert reached == set(RunStatus)


def test_a_forbidden_transition_is_refused_by_name() -> None:
    with pytest.raises(states.TransitionError, match="succeeded cannot become running"):
        states.check_run(RunStatus.SUCCEEDED, RunStatus.RUNNING)
    with pytest.raises(states.TransitionError, match="success cannot become ready"):
        states.check_step(StepStatus.SUCCESS, StepStatus.READY)
