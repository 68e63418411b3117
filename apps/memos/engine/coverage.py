"""Which days a table speaks for, and the last day a memo can honestly call complete."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from apps.dashboards.engine.period import Period


@dataclass(frozen=True, slots=True)
class Coverage:
    """First and last day with rows, of one table; both None when it has none."""

    first: date | None
    last: date | None

    def reaches(self, period: Period) -> bool:
        """Whether the table has begun before the period's end and not ended before its start."""
        return (
            self.first is not None and self.last is not None and self.first <= period.last and self.last >= period.first
        )

    def covers(self, period: Period) -> bool:
        """Whether the table speaks for every day of the period."""
        return (
            self.first is not None and self.last is not None and self.first <= period.first and self.last >= period.last
        )


def last_complete_day(complete: Iterable[date | None], today: date) -> date | None:
    """Yesterday while data is fresh, else the newest day any table covers whole; None without data."""
    newest = max((day for day in complete if day is not None), default=None)
    return None if newest is None else min(newest, today - timedelta(days=1))
