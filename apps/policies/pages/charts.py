"""Chart specs (static/src/charts/README.md) of costs and decisions."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.policies.selectors.costs import Share, Summary
from apps.policies.selectors.decisions import DECISIONS, Counted

Spec = dict[str, Any]
_BYTES = {"kind": "bytes"}
_MONEY = {"kind": "currency", "currency": "USD"}


def bytes_over_time(summary: Summary) -> Spec:
    """Billed bytes as bars, estimates as a line."""
    rows = [{"at": _at(each.at, summary.by), "bytes": each.bytes, "estimated": each.estimated}
            for each in summary.buckets]  # fmt: skip
    series = [
        {"field": "bytes", "name": "Billed or held"},
        {"field": "estimated", "name": "Estimated", "type": "line", "style": "dashed"},
    ]
    return _over_time("Bytes", rows, series, _BYTES, summary.by)


def dollars_over_time(summary: Summary) -> Spec:
    """Dollars as bars."""
    rows = [{"at": _at(each.at, summary.by), "usd": float(each.usd)} for each in summary.buckets]
    unit = _MONEY if summary.usd >= 1 else {**_MONEY, "decimals": 6}
    return _over_time("Cost", rows, [{"field": "usd", "name": "Cost"}], unit, summary.by)


def drift_over_time(summary: Summary) -> Spec:
    """Billed over estimated: 1 means that the estimates hold."""
    rows = [{"at": _at(each.at, summary.by), "drift": round(each.bytes / each.estimated, 4) if each.estimated else None}
            for each in summary.buckets]  # fmt: skip
    return _over_time("Billed / estimated", rows, [{"field": "drift", "name": "Billed / estimated"}],
                      {"kind": "number", "decimals": 2}, summary.by) | {"type": "line"}  # fmt: skip


def ranking(title: str, shares: Sequence[Share], names: Mapping[Any, str], *, nobody: str) -> Spec:
    """Who or what took most bytes, as horizontal bars."""
    rows = [{"name": names.get(each.key) or each.key[:24] or nobody, "bytes": each.bytes} for each in shares]
    return {
        "type": "hbar", "title": title, "x": {"field": "name", "type": "category"},
        "series": [{"field": "bytes", "name": "Bytes"}], "rows": rows, "unit": _BYTES,
    }  # fmt: skip


def decisions_over_time(counts: Sequence[Counted]) -> Spec:
    """Decisions by outcome, stacked."""
    slots = sorted({each.at for each in counts})
    found = {(each.at, each.decision): each.number for each in counts}
    step = "hour" if any(slot.hour for slot in slots) else "day"
    rows = [{"at": _at(slot, step), **{name: found.get((slot, name), 0) for name in DECISIONS}} for slot in slots]
    series = [{"field": name, "name": name.replace("_", " ").capitalize()} for name in DECISIONS]
    return _over_time("Decisions", rows, series, {"kind": "number"}, step) | {"type": "stacked"}


def _over_time(title: str, rows: list[Spec], series: list[Spec], unit: Spec, step: str) -> Spec:
    return {
        "type": "bar", "title": title, "x": {"field": "at", "type": "time"}, "series": series, "rows": rows,
        "unit": unit, "format": {"x": step}, "empty": "Nothing in this period",
    }  # fmt: skip


def _at(moment: Any, step: str) -> str:
    return str(moment.date().isoformat() if step == "day" else moment.isoformat())
