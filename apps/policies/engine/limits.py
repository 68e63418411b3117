"""The caps a verdict is measured against: one tenant's policy as a value, with the product's defaults."""

from dataclasses import dataclass, field
from decimal import Decimal

GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """`hard` names the caps that block instead of asking for approval: join_depth, subquery_nesting, bytes, cross_join,
    wildcard_bound. `time_window_days` is what a missing bound on a partition or time column becomes."""

    max_length: int = 65_536
    max_bracket_depth: int = 32
    max_tokens: int = 10_000
    row_limit: int = 10_000
    join_depth: int = 5
    subquery_nesting: int = 3
    generated_rows: int = 1_000_000
    bytes_per_query: int = 10 * GIGABYTE
    bytes_with_approval: int = 100 * GIGABYTE
    bytes_per_hour: int = 200 * GIGABYTE
    timeout_ms: int = 120_000
    usd_per_terabyte: Decimal = Decimal(5)
    time_filter_rows: int = 1_000_000
    time_window_days: int = 90
    joined_pairs: int = 100_000_000
    hard: frozenset[str] = field(default_factory=frozenset)

    def usd(self, size: int) -> Decimal:
        """Dollars for `size` billed bytes, to the millionth."""
        return (Decimal(size) / Decimal(10**12) * self.usd_per_terabyte).quantize(Decimal("0.000001"))
