"""A card's result: is it what the card promises, is it empty, how is it drawn (as `static/src/charts` reads it)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from apps.dashboards.engine import words
from apps.dashboards.engine.period import Period
from apps.dashboards.engine.query import PREVIOUS
from apps.dashboards.engine.spec import DISTINCT, LATEST, ROWS, CardSpec, Measure
from apps.dashboards.enums import CardKind, QueryShape, ValueFormat

Row = Mapping[str, Any]
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS: Final = tuple(f"{hour:02}" for hour in range(24))
LONG_LABEL: Final = 14
MANY_BARS: Final = 7


class ShapeError(ValueError):
    """The engine answered something the card cannot show; the message is fit to show."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a card shows: a chart, a table or a line of text; `empty` means the period holds nothing."""

    empty: bool
    chart: dict[str, Any] | None = None
    table: dict[str, Any] | None = None
    text: str = ""


def check(spec: CardSpec, rows: Sequence[Row], period: Period) -> None:
    """Raise ShapeError unless the rows are what the card's question can answer."""
    wanted = _expected(spec)
    for row in rows:
        if missing := [name for name in wanted if name not in row]:
            raise ShapeError(f"The answer lacks the column “{missing[0]}”.")
    if spec.shape in {QueryShape.TOTAL, QueryShape.COMPLETENESS} and len(rows) != 1:
        raise ShapeError(f"One row was expected, {len(rows)} came.")
    if spec.shape is QueryShape.BREAKDOWN and len(rows) > spec.limit:
        raise ShapeError(f"At most {spec.limit} rows were expected, {len(rows)} came.")
    if spec.shape is QueryShape.DAILY:
        _check_days([iso(row["day"]) for row in rows], period)
    if spec.shape is QueryShape.HEATMAP and any(not _in_week(row) for row in rows):
        raise ShapeError("A weekday or hour outside the week came.")
    figures = [m.key for m in spec.measures if m.kind != LATEST]
    for row in rows:
        for name in figures:
            if row[name] is not None and plain(row[name]) is None:
                raise ShapeError(f"“{name}” is not a number.")


def answer(spec: CardSpec, rows: Sequence[Row], period: Period) -> Answer:
    """What to show for checked rows."""
    if spec.shape is QueryShape.TOTAL:
        return _total(spec, rows[0], period)
    if spec.shape is QueryShape.COMPLETENESS:
        return _completeness(spec, rows[0])
    if not rows:
        return Answer(empty=True)
    if spec.shape is QueryShape.DAILY:
        return Answer(empty=False, chart=_line(spec, rows, period))
    if spec.shape is QueryShape.HEATMAP:
        return Answer(empty=False, chart=_heatmap(spec, rows))
    return _breakdown(spec, rows)


def plain(value: object) -> int | float | None:
    """A numeric cell as JSON knows it; None for anything else, NaN and infinities."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", value):
        return None
    if not isinstance(value, str | float | Decimal):
        return None
    found = float(value)
    if found != found or found in (float("inf"), float("-inf")):
        return None
    return int(found) if found == int(found) and abs(found) < 2**53 else found


def iso(value: object) -> str:
    """A date or time cell as ISO text."""
    return value.isoformat() if isinstance(value, date) else str(value)


def unit(measure: Measure) -> dict[str, Any]:
    """How the chart writes a measure's values."""
    if measure.format is ValueFormat.MONEY and measure.currency:
        return {"kind": "currency", "currency": measure.currency}
    if measure.format is ValueFormat.SHARE:
        return {"kind": "percent", "decimals": 1}
    return {"kind": "number", "decimals": 0 if measure.format is ValueFormat.COUNT else 2}


def _total(spec: CardSpec, row: Row, period: Period) -> Answer:
    measure = spec.measures[0]
    value = row[measure.key]
    if measure.kind == LATEST:
        return Answer(empty=value is None, text=iso(value) if value is not None else "")
    current, previous = plain(value), plain(row.get(measure.key + PREVIOUS))
    empty = current is None or (measure.kind in {ROWS, DISTINCT} and current == 0)
    chart = {
        **_head(spec, "scalar"),
        "series": [{"field": "current", "name": measure.label}],
        "rows": [{"current": current, "previous": previous}],
        "unit": unit(measure),
        "better": "up",
    }
    if measure.key + PREVIOUS in row:
        chart["compare"] = {"field": "previous", "name": f"Previous {period.day_count} days"}
    return Answer(empty=empty, chart=chart)


def _line(spec: CardSpec, rows: Sequence[Row], period: Period) -> dict[str, Any]:
    """Every day of the period; a day without rows is a gap, so that missing data looks missing."""
    found = {iso(row["day"])[:10]: row for row in rows}
    keys = [measure.key for measure in spec.measures]
    filled = [
        {"day": day.isoformat(), **{key: plain(found.get(day.isoformat(), {}).get(key)) for key in keys}}
        for day in period.days()
    ]
    gaps = [day["day"] for day in filled if all(day[key] is None for key in keys)]
    return {
        **_head(spec, "area" if spec.kind is CardKind.SPARKLINE else "line"),
        "x": {"field": "day", "type": "time", "name": "Day"},
        "series": [{"field": measure.key, "name": measure.label} for measure in spec.measures],
        "rows": filled,
        "unit": unit(spec.measures[0]),
        "format": {"x": "day"},
        "marks": [{"x": day, "label": "No data", "kind": "gap"} for day in gaps[:20]],
    }


def _breakdown(spec: CardSpec, rows: Sequence[Row]) -> Answer:
    if spec.kind is CardKind.TABLE:
        return Answer(empty=False, table=_table(spec, rows))
    names = [str(row["value"]) for row in rows]
    lying = len(names) > MANY_BARS or any(len(name) > LONG_LABEL for name in names)
    measure = spec.measures[0]
    chart = {
        **_head(spec, "hbar" if lying else "bar"),
        "x": {"field": "value", "type": "category", "name": words.title_of(str(spec.dimension))},
        "series": [{"field": measure.key, "name": measure.label}],
        "rows": [{"value": str(row["value"]), measure.key: plain(row[measure.key])} for row in rows],
        "unit": unit(measure),
    }
    return Answer(empty=False, chart=chart)


def _table(spec: CardSpec, rows: Sequence[Row]) -> dict[str, Any]:
    columns: list[dict[str, Any]] = [{"key": "value", "label": words.title_of(str(spec.dimension)), "unit": None}]
    columns += [{"key": m.key, "label": m.label, "unit": unit(m)} for m in spec.measures]
    cells = [[str(row["value"]), *[plain(row[m.key]) for m in spec.measures]] for row in rows]
    return {"columns": columns, "rows": cells}


def _completeness(spec: CardSpec, row: Row) -> Answer:
    total = int(plain(row["row_count"]) or 0)
    counted = [(name, int(plain(row[f"c{index}"]) or 0)) for index, name in enumerate(spec.columns)]
    cells = [[name, count, count / total if total else None] for name, count in counted]
    columns = [
        {"key": "column", "label": "Column", "unit": None},
        {"key": "empty", "label": "Empty rows", "unit": {"kind": "number", "decimals": 0}},
        {"key": "share", "label": "Share", "unit": {"kind": "percent", "decimals": 1}},
    ]
    return Answer(
        empty=total == 0, table={"columns": columns, "rows": sorted(cells, key=lambda cell: -int(cell[1] or 0))}
    )


def _heatmap(spec: CardSpec, rows: Sequence[Row]) -> dict[str, Any]:
    measure = spec.measures[0]
    found = {(int(row["weekday"]), int(row["hour"])): plain(row[measure.key]) for row in rows}
    cells = [
        {"hour": HOURS[hour], "weekday": WEEKDAYS[day], measure.key: found.get((day, hour))}
        for day in reversed(range(7))  # the axis grows upwards: Monday on top
        for hour in range(24)
    ]
    return {
        **_head(spec, "heatmap"),
        "x": {"field": "hour", "type": "category", "name": "Hour"},
        "y": {"field": "weekday", "type": "category", "name": "Weekday"},
        "series": [{"field": measure.key, "name": measure.label}],
        "rows": cells,
        "unit": unit(measure),
    }


def _head(spec: CardSpec, drawn: str) -> dict[str, Any]:
    return {"type": drawn, "title": spec.title, "description": spec.description}


def _expected(spec: CardSpec) -> list[str]:
    figures = [measure.key for measure in spec.measures]
    if spec.shape is QueryShape.DAILY:
        return ["day", *figures]
    if spec.shape is QueryShape.BREAKDOWN:
        return ["value", *figures]
    if spec.shape is QueryShape.HEATMAP:
        return ["weekday", "hour", *figures]
    if spec.shape is QueryShape.COMPLETENESS:
        return ["row_count", *[f"c{index}" for index in range(len(spec.columns))]]
    return figures


def _check_days(days: list[str], period: Period) -> None:
    dates = [datetime.fromisoformat(day).date() for day in days]
    if any(one >= other for one, other in pairwise(dates)):
        raise ShapeError("A day came twice or out of order.")
    if dates and not (period.first <= dates[0] and dates[-1] <= period.last):
        raise ShapeError("A day outside the period came.")


def _in_week(row: Row) -> bool:
    return 0 <= int(row["weekday"]) < len(WEEKDAYS) and 0 <= int(row["hour"]) < len(HOURS)


def hours_say_nothing(rows: Sequence[Row]) -> bool:
    """Whether all rows of a heat map stand at one hour: the times are really dates."""
    return len({int(row["hour"]) for row in rows}) <= 1
