"""How much of a table is read, and how wrong the figures from a sample may be."""

import math

FULL_ROWS = 1_000_000
TENTH_ROWS = 100_000_000
_Z = 1.96
_BLOCK_EFFECT = 2.0
"""Sampling takes whole blocks of rows: neighbours resemble each other, so the plain error is doubled."""


def sample_percent(rows: int | None, *, full: bool = False) -> int:
    """Percent of a table to read: all under 1 M rows or when asked, 10 to 100 M, 1 above. Unknown sizes: all."""
    if full or rows is None or rows < FULL_ROWS:
        return 100
    return 10 if rows <= TENTH_ROWS else 1


def narrower(percent: int) -> int | None:
    """The next smaller sample after a time-out, or None when there is none."""
    return {100: 10, 10: 1}.get(percent)


def share_error(share: float, seen: int, percent: int) -> float:
    """Half-width of the 95 % interval of a share measured on `seen` rows; 0 when everything was read."""
    if percent >= 100 or not seen:
        return 0.0
    return round(_BLOCK_EFFECT * _Z * math.sqrt(max(share * (1 - share), 1 / seen) / seen), 5)


def scaled_distinct(distinct: int, seen: int, total: int) -> tuple[int, float]:
    """Distinct values in the whole table from those in a sample, and the relative error.

    Nearly all rows different: assumed a key. Few values often repeated: all of them were seen. Between the two the
    geometric mean of the bounds (Charikar's GEE), whose error is the ratio of the bounds' square root.
    """
    if seen >= total or not seen or not distinct:
        return distinct, 0.0
    if distinct >= 0.95 * seen:
        return round(distinct / seen * total), 0.05
    if distinct <= 0.05 * seen:
        return distinct, 0.03
    ratio = math.sqrt(total / seen)
    return min(total, round(distinct * ratio)), round(ratio - 1, 3)
