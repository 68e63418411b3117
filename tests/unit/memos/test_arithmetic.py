"""The memo's arithmetic: changes, parts and significance, with every odd case by name."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.memos.engine.delta import Delta, between, number, plain, rounded
from apps.memos.engine.segments import Part, contributions, reconciles
from apps.memos.engine.significance import Thresholds, judge, robust_deviations
from apps.memos.enums import DeltaCase, Significance

FIGURES = st.decimals(-(10**9), 10**9, places=4)
PARTS = st.lists(
    st.builds(Part, st.text(min_size=1, max_size=6), st.none() | FIGURES, st.none() | FIGURES),
    min_size=1,
    max_size=30,
    unique_by=lambda part: part.name,
)


@given(FIGURES, FIGURES)
def test_previous_and_change_give_current_again(current: Decimal, previous: Decimal) -> None:
    change = between(current, previous)
    assert change.absolute is not None
    assert previous + change.absolute == current


@given(FIGURES, FIGURES)
def test_percent_has_the_sign_of_the_change_even_below_zero(current: Decimal, previous: Decimal) -> None:
    change = between(current, previous)
    if change.percent:
        assert change.absolute is not None
        assert (change.percent > 0) == (change.absolute > 0)


@pytest.mark.parametrize(
    ("current", "previous", "case", "percent"),
    [
        ("120", "100", DeltaCase.COMPARED, "0.2000"),
        ("-50", "-100", DeltaCase.COMPARED, "0.5000"),
        ("50", "-100", DeltaCase.COMPARED, "1.5000"),
        ("5", "0", DeltaCase.FROM_ZERO, None),
        ("0", "5", DeltaCase.TO_ZERO, "-1.0000"),
        ("0", "0", DeltaCase.BOTH_ZERO, "0"),
        (None, "5", DeltaCase.NO_CURRENT, None),
        ("5", None, DeltaCase.NO_PREVIOUS, None),
        (None, None, DeltaCase.NO_DATA, None),
    ],
)
def test_each_case_has_its_name(
    current: str | None, previous: str | None, case: DeltaCase, percent: str | None
) -> None:
    change = between(*(Decimal(value) if value is not None else None for value in (current, previous)))
    assert change.case is case
    assert change.percent == (Decimal(percent) if percent is not None else None)


@given(PARTS)
def test_contributions_add_up_to_the_change_of_the_whole(parts: list[Part]) -> None:
    total = sum((part.change for part in parts), Decimal(0))
    assert sum((entry.part.change for entry in contributions(parts)), Decimal(0)) == total


@given(PARTS)
def test_parts_reconcile_with_their_own_sum_and_with_nothing_else(parts: list[Part]) -> None:
    current = sum((part.current or Decimal(0) for part in parts), Decimal(0))
    previous = sum((part.previous or Decimal(0) for part in parts), Decimal(0))
    assert reconciles(parts, current, previous)
    assert not reconciles(parts, current + max(abs(current), Decimal(1)), previous)


@pytest.mark.parametrize(
    ("percent", "level"),
    [
        ("0.0499", Significance.MINOR),
        ("0.05", Significance.MODERATE),
        ("-0.0999", Significance.MODERATE),
        ("0.10", Significance.NOTABLE),
        ("-0.2499", Significance.NOTABLE),
        ("0.25", Significance.MAJOR),
        ("-3", Significance.MAJOR),
    ],
)
def test_thresholds_decide_without_history(percent: str, level: Significance) -> None:
    change = Delta(DeltaCase.COMPARED, Decimal(percent), Decimal(percent))
    assert judge(change, None, Thresholds()) is level


@pytest.mark.parametrize(
    ("percent", "deviations", "level"),
    [
        ("0.03", "2", Significance.NOTABLE),
        ("0.03", "-3", Significance.MAJOR),
        ("0.005", "9", Significance.MINOR),
        ("0.30", "0.1", Significance.MAJOR),
    ],
)
def test_history_lifts_a_change_but_never_a_trifle(percent: str, deviations: str, level: Significance) -> None:
    change = Delta(DeltaCase.COMPARED, Decimal(percent), Decimal(percent))
    assert judge(change, Decimal(deviations), Thresholds()) is level


def test_one_odd_week_in_the_history_does_not_hide_the_next() -> None:
    history = [Decimal(value) for value in (100, 101, 99, 102, 5000, 98, 100, 101)]
    found = robust_deviations(Decimal(150), history)
    assert found is not None
    assert found > 3


def test_too_short_or_constant_a_history_says_nothing() -> None:
    assert robust_deviations(Decimal(5), [Decimal(1)] * 3) is None
    assert robust_deviations(Decimal(5), [Decimal(1)] * 8) is None


def test_what_is_no_number_is_no_figure() -> None:
    assert [number(value) for value in (None, "x", float("nan"), float("inf"), True)] == [None] * 5
    assert plain(number("12.50")) == 12.5
    assert plain(number(3)) == 3


@given(st.floats(-1e15, 1e15))
def test_rounding_is_stable_against_the_order_of_addition(value: float) -> None:
    once = rounded(Decimal(str(value)))
    assert rounded(once) == once
