"""Does a figure still hold? The same query, run again, read the same way, compared with what the packet says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.dashboards.engine.query import PREVIOUS
from apps.memos.engine import delta, slots

Packet = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recheck:
    """`then` is the packet's value, `now` what the query says today."""

    then: int | float | None
    now: int | float | None

    @property
    def holds(self) -> bool:
        """Whether the two are the same figure."""
        return self.then == self.now


def query_ref(packet: Packet, path: str) -> str:
    """The name of the query behind the figure at `path`; SlotError when no figure of a metric is there."""
    if not slots.kpi_of(packet, path):
        raise slots.SlotError(path)
    slots.resolve(packet, path)
    steps = path.split(".")
    owner = packet["kpi"][steps[1]]
    return str(owner["segments"][int(steps[3])]["query"] if steps[2] == "segments" else owner["query"])


def compare(packet: Packet, path: str, rows: Sequence[Row]) -> Recheck:
    """The figure at `path` against `rows`, the answer of its query."""
    steps = path.split(".")
    figure = packet["kpi"][steps[1]]
    then = slots.resolve(packet, path)
    if steps[2] != "segments":
        current, previous = _totals(figure, rows)
        return Recheck(then, _field(steps[-1], current, previous, current, previous))
    part = slots.resolve(packet, path.rsplit(".", 1)[0])
    segment = figure["segments"][int(steps[3])]
    current, previous = _part(figure, segment, part, rows)
    whole = [_summed(figure["column"] + suffix, rows) for suffix in ("", PREVIOUS)]
    return Recheck(then, _field(steps[-1], current, previous, whole[0], whole[1]))


def _totals(figure: Packet, rows: Sequence[Row]) -> tuple[Decimal | None, Decimal | None]:
    row = rows[0] if rows else {}
    found = [delta.number(row.get(figure["column"] + suffix)) for suffix in ("", PREVIOUS)]
    # Absent rows are zero for what adds up, and stay unknown where the packet knew of no data either.
    names = ("current", "previous")
    filled = [
        Decimal(0) if value is None and figure["additive"] and figure[name] is not None else value
        for name, value in zip(names, found, strict=True)
    ]
    return (None if figure["current"] is None else filled[0], None if figure["previous"] is None else filled[1])


def _part(figure: Packet, segment: Packet, part: Packet, rows: Sequence[Row]) -> tuple[Decimal, Decimal]:
    named = {entry["name"] for entry in segment["parts"] if not entry["is_rest"]}
    mine = [
        row
        for row in rows
        if (str(row["value"]) not in named if part["is_rest"] else str(row["value"]) == part["name"])
    ]
    return _summed(figure["column"], mine), _summed(figure["column"] + PREVIOUS, mine)


def _summed(column: str, rows: Sequence[Row]) -> Decimal:
    return sum((delta.number(row.get(column)) or Decimal(0) for row in rows), Decimal(0))


def _field(
    name: str, current: Decimal | None, previous: Decimal | None, whole: Decimal | None, whole_before: Decimal | None
) -> int | float | None:
    change = delta.between(current, previous)
    if name == "share":
        moved = delta.between(whole, whole_before).absolute
        return None if not moved or change.absolute is None else delta.plain(delta.rounded(change.absolute / moved))
    found = {"current": current, "previous": previous, "delta_abs": change.absolute, "delta_pct": change.percent}
    return delta.plain(found[name])
