"""Which date column a table is best cut by, when it is big enough for cutting to help."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MINIMUM_ROWS: Final = 20_000
_MAX_DAYS: Final = 4_000
_MIN_ROWS_A_DAY: Final = 20
_HINTS: Final = (
    "event",
    "order",
    "creat",
    "occur",
    "transact",
    "purchas",
    "booked",
    "timestamp",
    "date",
    "time",
    "_at",
)
_LATE: Final = ("updat", "modif", "delet", "birth", "ship", "deliver", "end", "expire", "due", "cancel", "valid")


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A DATE, TIMESTAMP or DATETIME column: its days and how much of it is NULL."""

    name: str
    days: int
    nulls: int


def suited(columns: Sequence[TimeColumn], rows: int) -> str | None:
    """The name of the column to partition by, or None when none suits."""
    if rows < MINIMUM_ROWS:
        return None
    fitting = [
        column
        for column in columns
        if 2 <= column.days <= _MAX_DAYS and rows / column.days >= _MIN_ROWS_A_DAY and column.nulls <= rows * 0.02
    ]
    return max(fitting, key=lambda column: _merit(column.name)).name if fitting else None


def _merit(name: str) -> int:
    lower = name.lower()
    return sum(hint in lower for hint in _HINTS) - 3 * sum(word in lower for word in _LATE)
