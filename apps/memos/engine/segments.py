"""Which parts of a whole moved it: contributions of a dimension's values, adding up to the total change.

Only for figures whose parts add up (sums and counts). Parts beyond the TOP largest movers are put together as one
rest, and what the parts leave over against the total (rounding, rows that arrived between two queries) is refused by
`reconciles`, never hidden in the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from apps.memos.engine.delta import Delta, between, rounded

TOP: Final = 5
TOLERANCE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Part:
    """One value of the dimension in both weeks; None means it had no row."""

    name: str
    current: Decimal | None
    previous: Decimal | None

    @property
    def change(self) -> Decimal:
        """Its contribution to the change of the whole: no row contributes nothing."""
        return (self.current or Decimal(0)) - (self.previous or Decimal(0))


@dataclass(frozen=True, slots=True)
class Contribution:
    """A part, its change, and the share of the whole's change it explains (None when the whole did not change)."""

    part: Part
    delta: Delta
    share: Decimal | None
    is_rest: bool = False


def contributions(parts: Iterable[Part], *, rest_name: str = "All others") -> list[Contribution]:
    """The parts by the size of their change, largest first (name breaks ties), the rest last."""
    ranked = sorted(parts, key=lambda part: (-abs(part.change), part.name))
    total = sum((part.change for part in ranked), Decimal(0))
    shown = [_contribution(part, total) for part in ranked[:TOP]]
    rest = ranked[TOP:]
    if rest:
        shown.append(_contribution(_merged(rest, rest_name), total, is_rest=True))
    return shown


def reconciles(parts: Iterable[Part], current: Decimal | None, previous: Decimal | None) -> bool:
    """Whether the parts add up to the whole in both weeks, to within a millionth."""
    known = list(parts)
    return _adds_up([part.current for part in known], current) and _adds_up([part.previous for part in known], previous)


def _contribution(part: Part, total: Decimal, *, is_rest: bool = False) -> Contribution:
    share = None if total == 0 else rounded(part.change / total)
    delta = between(part.current or Decimal(0), part.previous or Decimal(0))
    return Contribution(part, delta, share, is_rest)


def _merged(parts: list[Part], name: str) -> Part:
    current = sum((part.current or Decimal(0) for part in parts), Decimal(0))
    return Part(name, current, sum((part.previous or Decimal(0) for part in parts), Decimal(0)))


def _adds_up(values: list[Decimal | None], whole: Decimal | None) -> bool:
    total = sum((value for value in values if value is not None), Decimal(0))
    target = whole or Decimal(0)
    # Each value was rounded to four decimals on its own.
    slack = max(abs(target) * TOLERANCE, Decimal("0.0001") * (len(values) + 1))
    return abs(total - target) <= slack
