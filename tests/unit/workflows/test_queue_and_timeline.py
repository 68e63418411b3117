"""Places in the queue, and the geometry of the Gantt chart."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.workflows.engine import queue, timeline

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
moments = st.integers(0, 600).map(lambda s: NOON + timedelta(seconds=s))
waiting_rows = st.dictionaries(st.integers(1, 99).map(lambda n: UUID(int=n)), moments, max_size=12)


def test_ten_runs_at_a_limit_of_three_admit_three() -> None:
    rows = [(UUID(int=n), NOON + timedelta(seconds=n)) for n in range(10)]
    assert queue.admissible(rows, running=0, limit=3) == (UUID(int=0), UUID(int=1), UUID(int=2))


@given(waiting_rows, st.integers(0, 9), st.integers(0, 5))
def test_never_more_than_the_limit_and_always_the_longest_waiting(
    rows: dict[UUID, datetime], running: int, limit: int
) -> None:
    admitted = queue.admissible(rows.items(), running=running, limit=limit)
    assert len(admitted) == min(len(rows), max(0, limit - running))
    left = set(rows) - set(admitted)
    assert all(rows[a] <= rows[b] for a in admitted for b in left)


@given(waiting_rows)
def test_places_count_up_from_one(rows: dict[UUID, datetime]) -> None:
    assert sorted(queue.positions(rows.items()).values()) == list(range(1, len(rows) + 1))


def test_bars_stand_one_after_the_other() -> None:
    spans = [
        timeline.Span("a", NOON, NOON + timedelta(seconds=5)),
        timeline.Span("b", NOON + timedelta(seconds=5), None),
        timeline.Span("c", None, None),
    ]
    first, second, third = timeline.bars(spans, now=NOON + timedelta(seconds=10))
    assert (first.left, first.width) == (0, pytest.approx(50))
    assert (second.left, second.width) == (pytest.approx(50), pytest.approx(50))
    assert third.width == 0


@given(st.lists(st.tuples(moments, moments | st.none()), max_size=8))
def test_no_bar_leaves_the_chart(rows: list[tuple[datetime, datetime | None]]) -> None:
    spans = [timeline.Span(str(i), *row) for i, row in enumerate(rows)]
    for bar in timeline.bars(spans, now=NOON + timedelta(seconds=700)):
        assert 0 <= bar.left <= 100
        assert 0 <= bar.width <= 100.01
        assert bar.left + bar.width <= 100.7
