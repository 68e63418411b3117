"""The table of an approval's life: what is final stays final, and everything used was approved."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from apps.policies.contracts import ApprovalKind, Subject
from apps.policies.engine.approval_states import TRANSITIONS, may_move, still_covers
from apps.policies.models import ApprovalState


def test_the_table_knows_exactly_the_states_of_the_model() -> None:
    assert set(TRANSITIONS) == set(ApprovalState.values)
    assert set().union(*TRANSITIONS.values()) <= set(ApprovalState.values)


@given(st.lists(st.sampled_from(ApprovalState.values), max_size=30))
def test_nothing_is_used_without_a_yes_and_no_stays_no(wishes: list[str]) -> None:
    state, seen = "pending", ["pending"]
    for wish in wishes:
        if may_move(state, wish):
            state = wish
            seen.append(state)
    for before, after in itertools.pairwise(seen):
        if after == "used":
            assert before == "approved"
    for final in ("rejected", "expired", "withdrawn"):
        if final in seen:
            assert seen[-1] == final


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_yes_never_covers_more_than_a_tenth_over_what_was_shown(shown: int, size: int) -> None:
    assert still_covers(shown, size) == (size <= shown * 1.1)


def test_the_hash_covers_everything_that_is_shown() -> None:
    def subject(**changes: object) -> Subject:
        values = {"kind": ApprovalKind.RESTORE, "type": "restore", "id": "b1", "title": "t", "shown": {"a": 1, "b": 2}}
        return Subject(**(values | changes))  # type: ignore[arg-type]

    same = subject(shown={"b": 2, "a": 1}).sha256
    assert subject().sha256 == same
    others = [subject(id="b2"), subject(title="u"), subject(shown={"a": 1}), subject(text="x"),
              subject(kind=ApprovalKind.MIGRATION), subject(type="other")]  # fmt: skip
    assert len({same, *(each.sha256 for each in others)}) == 7
