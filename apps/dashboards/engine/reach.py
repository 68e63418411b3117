"""The last day data can honestly be called complete for, from the newest time seen in it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from apps.dashboards.engine import source
from apps.dashboards.engine.period import zone
from apps.datasources.contracts import ConfirmedTable

FULL_FROM_HOUR: Final = 20


def complete_day(latest: datetime | date, tz: str, *, kind: str = "TIMESTAMP") -> date:
    """The day of `latest` when it is (nearly) over by then, else the one before.

    A stored DATE, and a time of exactly midnight, stand for a whole day.
    """
    if not isinstance(latest, datetime):
        return latest
    stored = latest if latest.tzinfo else latest.replace(tzinfo=UTC)
    if kind == "DATE" or stored.astimezone(UTC).time() == time.min:
        return stored.astimezone(UTC).date()
    wall = stored.astimezone(zone(tz)) if kind == "TIMESTAMP" else stored
    return wall.date() if wall.hour >= FULL_FROM_HOUR else wall.date() - timedelta(days=1)


def of_table(table: ConfirmedTable, tz: str) -> date | None:
    """The last complete day of a table, as profiled."""
    when = source.moment(table)
    return None if when is None or table.latest_at is None else complete_day(table.latest_at, tz, kind=when.kind)
