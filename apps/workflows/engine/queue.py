"""Positions in a tenant's queue: whoever has waited longest is first; the first waiting run stands at 1."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

MAX_RUNNING = 3


def positions(waiting: Iterable[tuple[UUID, datetime]]) -> dict[UUID, int]:
    """Run id → place among the waiting, by time of queueing and then by id (stable when two share a moment)."""
    ordered = sorted(waiting, key=lambda row: (row[1], row[0]))
    return {run_id: place for place, (run_id, _) in enumerate(ordered, start=1)}


def admissible(waiting: Iterable[tuple[UUID, datetime]], *, running: int, limit: int) -> tuple[UUID, ...]:
    """Which waiting runs get the free slots now, in order."""
    free = max(0, limit - running)
    return tuple(run_id for run_id, place in positions(waiting).items() if place <= free)
