"""The life of an approval as a table: from each state, where it may go. Whatever is not here does not happen."""

from types import MappingProxyType
from typing import Final

TRANSITIONS: Final = MappingProxyType(
    {
        "pending": frozenset({"approved", "rejected", "expired", "withdrawn"}),
        "approved": frozenset({"used", "expired", "withdrawn"}),
        "used": frozenset({"approved"}),  # given back: what was approved failed and changed nothing
        "rejected": frozenset(),
        "expired": frozenset(),
        "withdrawn": frozenset(),
    }
)
GROWTH: Final = 1.1
"""An approval covers a later estimate up to this many times the one that was shown."""


def may_move(before: str, after: str) -> bool:
    """Whether the table knows this step."""
    return after in TRANSITIONS.get(before, frozenset())


def still_covers(approved_bytes: int | None, size: int) -> bool:
    """Whether an estimate of `size` bytes is still what somebody said yes to."""
    return approved_bytes is None or size <= approved_bytes * GROWTH
