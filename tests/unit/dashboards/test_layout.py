"""The layout engine: nothing overlaps, nothing leaves the grid, the same cards stand the same way."""

from hypothesis import given
from hypothesis import strategies as st

from apps.dashboards.engine.layout import GRID_UNITS, HEIGHTS, WIDTHS, arrange
from apps.dashboards.enums import CardKind, CardWidth

CARDS = st.lists(st.tuples(st.sampled_from(CardKind), st.sampled_from(CardWidth)), max_size=60)


@given(CARDS)
def test_no_two_cards_overlap(cards: list[tuple[CardKind, CardWidth]]) -> None:
    boxes = arrange(cards)
    assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])


@given(CARDS)
def test_every_card_has_its_size_and_stays_on_the_grid(cards: list[tuple[CardKind, CardWidth]]) -> None:
    for (kind, width), box in zip(cards, arrange(cards), strict=True):
        assert (box.w, box.h) == (WIDTHS[width], HEIGHTS[kind])
        assert box.x in (0, 9)
        assert box.x + box.w <= GRID_UNITS


@given(CARDS)
def test_reading_order_is_the_order_given(cards: list[tuple[CardKind, CardWidth]]) -> None:
    places = [(box.y, box.x) for box in arrange(cards)]
    assert places == sorted(places)


@given(CARDS)
def test_the_same_cards_always_stand_the_same_way(cards: list[tuple[CardKind, CardWidth]]) -> None:
    assert arrange(cards) == arrange(cards)


def test_two_halves_pair_and_a_full_card_takes_its_own_row() -> None:
    half, full = CardWidth.HALF, CardWidth.FULL
    found = arrange([(CardKind.SCALAR, half), (CardKind.LINE, half), (CardKind.SCALAR, half), (CardKind.HEATMAP, full)])
    assert [(box.x, box.y) for box in found] == [(0, 0), (9, 0), (0, 8), (0, 12)]
