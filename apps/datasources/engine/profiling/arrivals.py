"""When rows arrive: the rhythm of a time column, and the days on which nothing came though something should have."""

from collections.abc import Sequence
from datetime import date, datetime

from apps.datasources.engine.profiling.facts import gaps

_DAILY_SHARE = 0.8
"""A table is daily when rows came on four of five days that its weekdays allow; others have no missing days."""
_MAX_REPORTED = 100


def missing_days(arrivals: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """ISO days without rows in a daily table. Weekdays that hardly ever have rows (weekends) are not missed."""
    days = [date.fromisoformat(day) for day, _ in arrivals]
    if len(days) < 7:
        return ()
    empty = gaps(days)
    working = _weekdays_in_use(days, empty)
    missed = [day for day in empty if day.weekday() in working]
    usual = sum(day.weekday() in working for day in days)
    if usual < _DAILY_SHARE * (usual + len(missed)):
        return ()
    return tuple(day.isoformat() for day in missed[:_MAX_REPORTED])


def _weekdays_in_use(days: Sequence[date], empty: Sequence[date]) -> frozenset[int]:
    in_use = set()
    for weekday in range(7):
        present = sum(day.weekday() == weekday for day in days)
        absent = sum(day.weekday() == weekday for day in empty)
        if present and present >= 0.5 * (present + absent):
            in_use.add(weekday)
    return frozenset(in_use)


def hours_since(latest: datetime | None, now: datetime) -> float | None:
    """Hours between the last arrival and `now`, never negative; None when nothing ever came."""
    if latest is None:
        return None
    return round(max(0.0, (now - latest).total_seconds() / 3600), 2)
