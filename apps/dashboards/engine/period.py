"""A run of whole days in one time zone, and the instants where it begins and ends.

Days are the zone's own: one may last 23 or 25 hours, and midnight may not exist; both come out right because each
bound is found by asking the zone, never by adding hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.core.errors import InvalidInput

MAX_DAYS = 1_100


def zone(name: str) -> ZoneInfo:
    """The IANA zone called `name`; InvalidInput when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"“{name}” is not a time zone.", next_steps=["Use an IANA name such as Europe/Berlin."]
        ) from error


def day_start(day: date, tz: str) -> datetime:
    """The first instant of `day` in the zone, in UTC (after a midnight that the clocks skip, the one they jump to)."""
    return datetime.combine(day, time.min, zone(tz)).astimezone(UTC)


def local_day(instant: datetime, tz: str) -> date:
    """The calendar day of an aware instant in the zone."""
    return instant.astimezone(zone(tz)).date()


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first` to `last`, both included, in time zone `tz`."""

    first: date
    last: date
    tz: str

    def __post_init__(self) -> None:
        zone(self.tz)
        if self.last < self.first:
            raise InvalidInput("The period ends before it begins.")
        if self.day_count > MAX_DAYS:
            raise InvalidInput(f"A period is at most {MAX_DAYS} days long.")

    @classmethod
    def ending(cls, last: date, days: int, tz: str) -> "Period":
        """The `days` days up to and including `last`."""
        return cls(last - timedelta(days=days - 1), last, tz)

    @property
    def day_count(self) -> int:
        """How many calendar days it holds."""
        return (self.last - self.first).days + 1

    @property
    def starts_at(self) -> datetime:
        """First instant inside, UTC."""
        return day_start(self.first, self.tz)

    @property
    def ends_at(self) -> datetime:
        """First instant after, UTC."""
        return day_start(self.last + timedelta(days=1), self.tz)

    def before(self) -> "Period":
        """The period of the same number of days just before this one."""
        return Period.ending(self.first - timedelta(days=1), self.day_count, self.tz)

    def days(self) -> Iterator[date]:
        """Each day, in order."""
        return (self.first + timedelta(days=offset) for offset in range(self.day_count))

    def as_json(self) -> dict[str, str]:
        """What crosses to pages and packets."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), "tz": self.tz}
