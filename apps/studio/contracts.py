"""What the studio's doors give out."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """The answer of `POST /data/query`; see `engine.values` for how values become JSON."""

    columns: list[dict[str, str]]
    rows: list[list[Any]]
    row_count: int
    duration_ms: float
    query_hash: str
    cache_hit: bool
    simulated: bool
    redacted: list[str]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """The planner's view of a statement that was not run."""

    plan: dict[str, Any]
    total_cost: float
    rows: int
    query_hash: str
