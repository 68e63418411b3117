"""Periods of whole days in any zone: bounds meet, clocks may change inside."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import InvalidInput
from apps.dashboards.engine.period import MAX_DAYS, Period

ZONES = sorted(available_timezones())
DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1))


@given(DAYS, st.integers(1, 40), st.sampled_from(ZONES))
def test_the_period_before_ends_where_this_one_begins(last: date, days: int, tz: str) -> None:
    period = Period.ending(last, days, tz)
    before = period.before()
    assert before.ends_at == period.starts_at
    assert before.day_count == period.day_count == days
    assert before.starts_at < period.starts_at < period.ends_at


@pytest.mark.parametrize(
    ("tz", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Kolkata", date(2026, 10, 25), 24),
    ],
)
def test_a_day_on_which_the_clocks_change_has_its_true_length(tz: str, day: date, hours: float) -> None:
    period = Period(day, day, tz)
    assert period.ends_at - period.starts_at == timedelta(hours=hours)


def test_a_day_whose_midnight_does_not_exist_begins_when_the_clocks_jump() -> None:
    period = Period(date(2026, 9, 6), date(2026, 9, 6), "America/Santiago")
    assert period.starts_at == datetime(2026, 9, 6, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("tz", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "America"])
def test_what_is_no_zone_is_refused(tz: str) -> None:
    with pytest.raises(InvalidInput):
        Period(date(2026, 1, 1), date(2026, 1, 2), tz)


def test_a_period_that_ends_before_it_begins_or_never_ends_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Period(date(2026, 1, 2), date(2026, 1, 1), "UTC")
    with pytest.raises(InvalidInput):
        Period.ending(date(2026, 1, 1), MAX_DAYS + 1, "UTC")
