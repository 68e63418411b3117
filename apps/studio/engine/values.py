"""Values of any connector as JSON that loses nothing. What JSON cannot say exactly becomes text:

integers beyond 2^53 and exact decimals as digits; NaN and infinities by name; bytes as `\\x…`; dates, times, ranges and
the like as their own text form. A text over the cap is cut and marked.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

LONGEST: Final = 16_384
_SAFE_INTEGER: Final = 2**53 - 1


class Cutter:
    """Makes rows JSON-safe and counts how many values it had to cut."""

    def __init__(self, longest: int = LONGEST) -> None:
        self.longest = longest
        self.cut = 0

    def row(self, values: Sequence[Any]) -> list[Any]:
        """One row, value by value."""
        return [value if type(value) in (bool, type(None)) else self.value(value) for value in values]

    def value(self, value: Any) -> Any:
        """One value; lists, tuples and dictionaries inside and out."""
        match value:
            case None | bool():
                return value
            case str():
                return self._text(value)
            case int():
                return value if -_SAFE_INTEGER <= value <= _SAFE_INTEGER else str(value)
            case float():
                return value if math.isfinite(value) else _name(value)
            case dict():
                return {str(key): self.value(item) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.value(item) for item in value]
            case bytes() | bytearray() | memoryview():
                return self._text("\\x" + bytes(value).hex())
            case _:
                return self._text(_plain(value))

    def _text(self, text: str) -> str:
        if len(text) <= self.longest:
            return text
        self.cut += 1
        return f"{text[: self.longest]}… [cut: {len(text)} characters]"


def _name(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _plain(value: Any) -> str:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return format(value, "f") if value.is_finite() else str(value)
        case timedelta():
            return f"{value.total_seconds():g} s"
        case UUID():
            return str(value)
        case _:
            return str(value)
