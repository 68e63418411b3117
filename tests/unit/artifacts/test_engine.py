"""Canonical form and differences of artifact contents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.artifacts.engine import canonical, diff

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=6))
def test_the_order_of_keys_does_not_change_the_hash(content: dict[str, object]) -> None:
    backwards = dict(reversed(list(content.items())))
    assert canonical.digest(backwards) == canonical.digest(content)
    assert diff.changes(content, backwards) == []


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=6), st.dictionaries(st.text(max_size=5), JSON, max_size=6))
def test_a_difference_is_found_exactly_when_the_contents_differ(
    one: dict[str, object], other: dict[str, object]
) -> None:
    assert bool(diff.changes(one, other)) == (one != other)


def test_not_a_number_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical.digest({"figure": float("nan")})


def test_cards_are_matched_by_their_key_and_not_by_their_place() -> None:
    before = {"cards": [{"key": "a", "title": "A"}, {"key": "b", "title": "B"}]}
    after = {"cards": [{"key": "b", "title": "New B"}, {"key": "c", "title": "C"}]}
    found = {(change.path, change.kind) for change in diff.changes(before, after)}
    assert found == {("cards.a", "removed"), ("cards.b.title", "changed"), ("cards.c", "added")}
