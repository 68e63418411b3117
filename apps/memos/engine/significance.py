"""How much a change matters: by its size against the tenant's thresholds, and against the series' own history.

The louder of the two counts. History speaks through robust deviations (median and scaled median absolute deviation of
the weeks before), so one odd week in it does not hide the next; it needs MIN_WEEKS of them, and never lifts a change
that is smaller than a hundredth above minor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

from apps.memos.engine.delta import Delta, rounded
from apps.memos.enums import DeltaCase, Significance

MIN_WEEKS: Final = 4
HISTORY_WEEKS: Final = 8
_MAD_TO_SIGMA: Final = Decimal("1.4826")
_TRIFLE: Final = Decimal("0.01")
_ORDER: Final = tuple(Significance)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Fractions of the previous value, and robust deviations, from which on a change has each level."""

    moderate: Decimal = Decimal("0.05")
    notable: Decimal = Decimal("0.10")
    major: Decimal = Decimal("0.25")
    notable_deviations: Decimal = Decimal(2)
    major_deviations: Decimal = Decimal(3)


def judge(delta: Delta, deviations: Decimal | None, thresholds: Thresholds) -> Significance:
    """The level of a change; `deviations` is None without enough history."""
    if delta.case in {DeltaCase.NO_CURRENT, DeltaCase.NO_PREVIOUS, DeltaCase.NO_DATA}:
        return Significance.UNKNOWN
    if delta.case is DeltaCase.FROM_ZERO:
        return Significance.MAJOR
    size = abs(delta.percent or Decimal(0))
    return max(_by_size(size, thresholds), _by_history(size, deviations, thresholds), key=_ORDER.index)


def robust_deviations(current: Decimal | None, history: Sequence[Decimal | None]) -> Decimal | None:
    """How many robust standard deviations `current` lies from the median of the weeks before it.

    None when fewer than MIN_WEEKS have a value or when they do not vary at all.
    """
    known = [value for value in history[-HISTORY_WEEKS:] if value is not None]
    if current is None or len(known) < MIN_WEEKS:
        return None
    centre = median(known)
    spread = median([abs(value - centre) for value in known]) * _MAD_TO_SIGMA
    return None if spread == 0 else rounded((current - centre) / spread)


def at_least(level: Significance, floor: Significance) -> bool:
    """Whether `level` is `floor` or louder."""
    return _ORDER.index(level) >= _ORDER.index(floor)


def _by_size(size: Decimal, thresholds: Thresholds) -> Significance:
    if size >= thresholds.major:
        return Significance.MAJOR
    if size >= thresholds.notable:
        return Significance.NOTABLE
    return Significance.MODERATE if size >= thresholds.moderate else Significance.MINOR


def _by_history(size: Decimal, deviations: Decimal | None, thresholds: Thresholds) -> Significance:
    if deviations is None or size < _TRIFLE:
        return Significance.MINOR
    distance = abs(deviations)
    if distance >= thresholds.major_deviations:
        return Significance.MAJOR
    return Significance.NOTABLE if distance >= thresholds.notable_deviations else Significance.MINOR
