"""What changed between two values: absolute, percent of the absolute previous value, and the odd cases by name."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final

from apps.memos.enums import DeltaCase

PLACES: Final = Decimal("0.0001")
RELIABLE_DIGITS: Final = 14


@dataclass(frozen=True, slots=True)
class Delta:
    """`absolute` and `percent` (a fraction: 0.12 is 12 %) are None where the case allows none."""

    case: DeltaCase
    absolute: Decimal | None
    percent: Decimal | None

    @property
    def direction(self) -> int:
        """1 up, -1 down, 0 unchanged or unknown."""
        if self.absolute is None or self.absolute == 0:
            return 0
        return 1 if self.absolute > 0 else -1


def between(current: Decimal | None, previous: Decimal | None) -> Delta:
    """The change from `previous` to `current`; None stands for “no data”, never for zero."""
    if current is None or previous is None:
        return Delta(_missing(current, previous), None, None)
    absolute = current - previous
    if previous == 0:
        case = DeltaCase.BOTH_ZERO if current == 0 else DeltaCase.FROM_ZERO
        return Delta(case, absolute, Decimal(0) if current == 0 else None)
    case = DeltaCase.TO_ZERO if current == 0 else DeltaCase.COMPARED
    return Delta(case, absolute, rounded(absolute / abs(previous)))


def rounded(value: Decimal) -> Decimal:
    """Four decimals, half to even: enough for any figure shown, and stable against the order rows were added up in.

    A sum of floats has some 14 reliable digits: a larger number is kept to those.
    """
    step = (
        PLACES if value.adjusted() < RELIABLE_DIGITS - 4 else Decimal(1).scaleb(value.adjusted() - RELIABLE_DIGITS + 1)
    )
    return value.quantize(step, rounding=ROUND_HALF_EVEN)


def number(value: object) -> Decimal | None:
    """A result cell as a Decimal; None for NULL, text, NaN and infinities."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return rounded(found) if found.is_finite() else None


def plain(value: Decimal | None) -> int | float | None:
    """As canonical JSON writes it: whole numbers without a point."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _missing(current: Decimal | None, previous: Decimal | None) -> DeltaCase:
    if current is None and previous is None:
        return DeltaCase.NO_DATA
    return DeltaCase.NO_CURRENT if current is None else DeltaCase.NO_PREVIOUS
