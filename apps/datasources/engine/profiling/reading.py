"""From result rows back to facts. Values that cannot be numbers (NaN, infinities) are dropped, never guessed."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from apps.datasources.engine.profiling.arrivals import missing_days
from apps.datasources.engine.profiling.facts import ColumnProfile, Scalar, TableProfile
from apps.datasources.engine.profiling.families import Family, Field
from apps.datasources.engine.profiling.formats import number_format, time_format
from apps.datasources.engine.profiling.sampling import scaled_distinct, share_error
from apps.datasources.engine.profiling.statements import Bins, Reading, Target

TOP_DISTINCT = 50
TOP_KEPT = 20
TOP_TEXT = 80
HISTOGRAM_DISTINCT = 12

Row = Mapping[str, Any]


def sampled_values(fields: Sequence[Field], rows: Iterable[Row]) -> list[Counter[str]]:
    """Distinct sampled values of each field, with counts, from the rows of the sample statements."""
    found: list[Counter[str]] = [Counter() for _ in fields]
    for row in rows:
        for name, value in row.items():
            if value is not None:
                found[int(name[1:])][str(value)] += 1
    return found


def readings(fields: Sequence[Field], values: Sequence[Counter[str]]) -> list[Reading]:
    """How each field spells its content, judged by its sampled values."""
    result = []
    for field, seen in zip(fields, values, strict=True):
        spelled = time_format(field.name, field.type, seen)
        numbers = number_format(seen) if field.family is Family.TEXT and not spelled else ""
        result.append(Reading(field, spelled, numbers))
    return result


def table_profile(target: Target, items: Sequence[Reading], rows: Sequence[Row]) -> TableProfile:
    """The profile from the rows of the statistics statements (one per chunk of columns)."""
    figures: dict[str, Any] = {}
    for row in rows:
        figures.update(row)
    seen = int(figures.get("rows_read") or 0)
    total = seen if target.percent >= 100 else max(target.rows or 0, seen)
    columns = tuple(_column(index, item, figures, seen, total, target.percent) for index, item in enumerate(items))
    return TableProfile(target.dataset, target.name, total, seen, target.percent, columns)


def _column(index: int, item: Reading, figures: Row, seen: int, total: int, percent: int) -> ColumnProfile:
    def figure(name: str) -> Any:
        return figures.get(f"c{index}_{name}")

    filled = int(figure("filled") or 0)
    nulls = 1 - filled / seen if seen else 0.0
    distinct, error = None, 0.0
    if figure("distinct") is not None:
        distinct, error = scaled_distinct(int(figure("distinct")), seen, total)
        distinct = min(distinct, _room(item, figure("min"), figure("max")) or distinct)
    true = figure("true")
    return ColumnProfile(
        name=item.field.name,
        type=item.field.type,
        position=index,
        null_share=round(nulls, 6),
        null_error=share_error(nulls, seen, percent),
        distinct=distinct,
        distinct_error=error,
        minimum=scalar(figure("min")),
        maximum=scalar(figure("max")),
        bounds=percent < 100,
        mean=number(figure("mean")),
        deviation=number(figure("deviation")),
        negative_share=round(int(figure("negative") or 0) / filled, 6) if filled else 0.0,
        true_share=round(int(true) / filled, 6) if true is not None and filled else None,
        quantiles=tuple(value for item_ in figure("quantiles") or () if (value := number(item_)) is not None),
        length=_length(figure("length_min"), figure("length_max"), figure("length_avg")),
        time_format=item.time_format,
        number_format=item.number_format,
    )


def _room(item: Reading, low: Any, high: Any) -> int | None:
    """How many different values fit between the bounds of a whole number."""
    least, most = number(low), number(high)
    if not item.field.type.startswith("INT") or least is None or most is None:
        return None
    return int(most - least) + 1


def _length(low: Any, high: Any, average: Any) -> tuple[float, float, float] | None:
    if low is None or high is None or average is None:
        return None
    return float(low), float(high), round(float(average), 2)


def number(value: Any) -> float | None:
    """A finite float, or None."""
    if value is None:
        return None
    try:
        result = float(value)
    except (TypeError, ValueError):
        return None
    return result if math.isfinite(result) else None


def scalar(value: Any) -> Scalar:
    """A value fit for JSON: finite numbers as float, the rest as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return number(value)


def wanted_top(profile: TableProfile, items: Sequence[Reading], protected: frozenset[str]) -> list[int]:
    """Columns whose top values are worth a scan: few distinct values, not nested, not personal."""
    return [
        index
        for index, (column, item) in enumerate(zip(profile.columns, items, strict=True))
        if column.name not in protected
        and item.field.family in {Family.TEXT, Family.NUMBER, Family.FLAG}
        and column.distinct is not None
        and 0 < column.distinct <= TOP_DISTINCT
    ]


def wanted_bins(profile: TableProfile, items: Sequence[Reading], protected: frozenset[str]) -> list[Bins]:
    """Bins for numbers with more values than bars; a long upper tail is gathered in the last bin."""
    found = []
    for index, (column, item) in enumerate(zip(profile.columns, items, strict=True)):
        if not item.is_number or column.name in protected or (column.distinct or 0) <= HISTOGRAM_DISTINCT:
            continue
        low, high = number(column.minimum), number(column.maximum)
        if low is None or high is None:
            continue
        if len(column.quantiles) > 2:
            upper, middle = column.quantiles[-2], column.quantiles[len(column.quantiles) // 2]
            high = min(high, upper + 3 * (upper - middle)) if upper > middle else high
        if high > low:
            found.append(Bins(index, low, high))
    return found


def with_values(profile: TableProfile, bins: Sequence[Bins], rows: Sequence[Row]) -> TableProfile:
    """The profile with top values and histograms filled in from the rows of the values statements."""
    tops: dict[int, Counter[str]] = {}
    bars: dict[int, Counter[int]] = {}
    for row in rows:
        for name, value in row.items():
            if name == "n" or value is None:
                continue
            index, count = int(name[1:]), int(row["n"])
            if name[0] == "g":
                tops.setdefault(index, Counter())[str(value)[:TOP_TEXT]] += count
            else:
                bars.setdefault(index, Counter())[int(value)] += count
    by_index = {item.index: item for item in bins}
    columns = tuple(
        replace(
            column,
            top_values=_ranked(tops.get(index, Counter())),
            histogram=_bars(by_index[index], bars[index]) if index in bars else (),
        )
        for index, column in enumerate(profile.columns)
    )
    return replace(profile, columns=columns)


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP_KEPT])


def _bars(bins: Bins, counts: Counter[int]) -> tuple[tuple[float, float, int], ...]:
    merged = [0] * bins.count
    for place, count in counts.items():
        merged[min(max(place, 0), bins.count - 1)] += count
    edges = [round(bins.low + bins.width * place, 6) for place in range(bins.count + 1)]
    return tuple((edges[place], edges[place + 1], merged[place]) for place in range(bins.count))


def with_arrivals(profile: TableProfile, time_column: str, rows: Sequence[Row]) -> TableProfile:
    """The profile with the rows per day of its time column, oldest first."""
    days = sorted((_day(row["day"]), int(row["n"]), str(row["latest"] or "")) for row in rows if row["day"] is not None)
    arrivals = tuple((day, count) for day, count, _ in days)
    return replace(
        profile,
        time_column=time_column,
        arrivals=arrivals,
        earliest=arrivals[0][0] if arrivals else None,
        latest=days[-1][2] or days[-1][0] if days else None,
        missing_days=missing_days(arrivals),
    )


def _day(value: Any) -> str:
    return value.isoformat()[:10] if isinstance(value, date) else str(value)[:10]


def moment(text: str | None) -> datetime | None:
    """A stored time as an aware datetime (UTC where it names no zone), or None when it is not one."""
    if not text:
        return None
    cleaned = text.strip().replace(" UTC", "+00:00").replace("Z", "+00:00")
    if len(cleaned) > 10 and cleaned[-3] in "+-" and cleaned[-6:-5] not in {"+", "-"}:
        cleaned += ":00"
    try:
        parsed = datetime.fromisoformat(cleaned)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
