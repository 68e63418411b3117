"""The plan graph: order, what may run, what a failure blocks, what the run has become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.workflows.engine.plan import Plan, PlanError, PlannedStep
from apps.workflows.enums import RunStatus, StepStatus


def step(name: str, *after: str, optional: bool = False) -> PlannedStep:
    return PlannedStep(name=name, title=name, after=after, optional=optional)


def statuses(plan: Plan, **known: StepStatus) -> dict[str, StepStatus]:
    return {name: known.get(name, StepStatus.PENDING) for name in plan.names}


DIAMOND = Plan.of([step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c")])


def test_a_step_that_stands_too_early_is_moved_behind_what_it_needs() -> None:
    assert Plan.of([step("late", "early"), step("early")]).names == ("early", "late")


def test_a_circle_is_refused() -> None:
    with pytest.raises(PlanError, match="circle"):
        Plan.of([step("a", "b"), step("b", "a")])


def test_an_unknown_dependency_is_refused() -> None:
    with pytest.raises(PlanError, match="does not exist"):
        Plan.of([step("a", "ghost")])


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(PlanError, match="same name"):
        Plan.of([step("a"), step("a")])


def test_only_steps_without_dependencies_are_released_at_the_start() -> None:
    assert DIAMOND.released_by(statuses(DIAMOND)) == ("a",)


def test_both_branches_are_released_together() -> None:
    assert DIAMOND.released_by(statuses(DIAMOND, a=StepStatus.SUCCESS)) == ("b", "c")


def test_the_join_waits_for_both_branches() -> None:
    half = statuses(DIAMOND, a=StepStatus.SUCCESS, b=StepStatus.SUCCESS, c=StepStatus.RUNNING)
    assert DIAMOND.released_by(half) == ()


def test_a_failed_optional_step_does_not_hold_up_what_follows() -> None:
    plan = Plan.of([step("a", optional=True), step("b", "a")])
    assert plan.released_by(statuses(plan, a=StepStatus.FAILED)) == ("b",)


def test_a_failure_blocks_everything_behind_it() -> None:
    broken = statuses(DIAMOND, a=StepStatus.SUCCESS, b=StepStatus.FAILED)
    assert DIAMOND.blocked_by_failure(broken) == ("d",)


def test_a_run_with_an_open_branch_is_not_over_although_the_other_branch_failed() -> None:
    assert DIAMOND.outcome(statuses(DIAMOND, a=StepStatus.SUCCESS, b=StepStatus.FAILED)) is None


def test_a_failure_after_success_is_a_partial_failure() -> None:
    done = statuses(DIAMOND, a=StepStatus.SUCCESS, b=StepStatus.FAILED, c=StepStatus.SUCCESS)
    assert DIAMOND.outcome(done) is RunStatus.PARTIAL_FAILURE


def test_a_failure_of_the_first_step_is_a_failure() -> None:
    assert DIAMOND.outcome(statuses(DIAMOND, a=StepStatus.FAILED)) is RunStatus.FAILED


def test_a_plan_survives_its_json() -> None:
    assert Plan.from_json(DIAMOND.to_json()) == DIAMOND


def test_half_done_steps_count_towards_progress() -> None:
    state = statuses(DIAMOND, a=StepStatus.SUCCESS, b=StepStatus.RUNNING)
    assert DIAMOND.progress({"b": 0.5}, state) == pytest.approx(0.375)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    size = draw(st.integers(1, 9))
    steps = []
    for number in range(size):
        after = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        steps.append(step(f"s{number}", *(f"s{i}" for i in sorted(after)), optional=draw(st.booleans())))
    return Plan.of(draw(st.permutations(steps)))


@given(plans(), st.randoms(use_true_random=False))
def test_every_plan_ends_whatever_fails_and_in_whatever_order(plan: Plan, random: object) -> None:
    state = statuses(plan)
    for _ in range(len(plan.names) + 1):
        if plan.outcome(state) is not None:
            break
        ready = plan.released_by(state)
        assert ready, "an unfinished run always has a step that can move"
        name = random.choice(ready)  # type: ignore[attr-defined]
        state[name] = random.choice([StepStatus.SUCCESS, StepStatus.FAILED])  # type: ignore[attr-defined]
    assert plan.outcome(state) in {RunStatus.SUCCEEDED, RunStatus.PARTIAL_FAILURE, RunStatus.FAILED}


@given(plans())
def test_order_respects_every_dependency(plan: Plan) -> None:
    place = {name: i for i, name in enumerate(plan.names)}
    assert all(place[before] < place[s.name] for s in plan.steps for before in s.after)
