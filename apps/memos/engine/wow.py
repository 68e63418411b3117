"""Two packets side by side: what the metrics of one week were against those of another."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.memos.engine import delta

Packet = Mapping[str, Any]


def table(current: Packet, earlier: Packet | None) -> list[dict[str, Any]]:
    """One row a metric of the current packet; without an earlier packet its own previous week stands in."""
    return [_row(key, current["kpi"][key], earlier) for key in current["order"]]


def _row(key: str, figure: Packet, earlier: Packet | None) -> dict[str, Any]:
    before = figure["previous"] if earlier is None else earlier["kpi"].get(key, {}).get("current")
    change = delta.between(_decimal(figure["current"]), _decimal(before))
    return {
        "metric": key,
        "label": figure["label"],
        "current": figure["current"],
        "previous": before,
        "delta_abs": delta.plain(change.absolute),
        "delta_pct": delta.plain(change.percent),
        "case": str(change.case),
    }


def _decimal(value: object) -> Decimal | None:
    return delta.number(value)
