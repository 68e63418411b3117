"""Which partitions a WHERE clause leaves, from constant bounds on the bare partition column.

1. A condition becomes a set of instant ranges [low, high] of the column; what is not understood is everything.
2. AND intersects, OR unites. 3. A day's partition stays when any range touches it; the NULL partition stays only
where no condition was understood, because every bound refuses NULL.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlglot import exp

from apps.datasources.engine.bigquery.constants import Value, fold
from apps.datasources.engine.bigquery.schema import DataFile

_LOW = datetime.min.replace(tzinfo=UTC)
_HIGH = datetime.max.replace(tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE}


@dataclass(frozen=True, slots=True)
class Range:
    """Instants from `low` to `high`, both included."""

    low: datetime = _LOW
    high: datetime = _HIGH


Ranges = tuple[Range, ...]
"""A union of ranges; None elsewhere stands for "not restricted"."""


def ranges_of(conditions: Iterable[exp.Expr], column: str, now: datetime) -> Ranges | None:
    """The instants that all `conditions` leave for `column`; None when nothing restricts it."""
    found: Ranges | None = None
    for condition in conditions:
        found = _both(found, _ranges(condition, column.lower(), now))
    return found


def touched(files: Sequence[DataFile], ranges: Ranges | None) -> tuple[DataFile, ...]:
    """The files whose partition may hold a row in `ranges`."""
    if ranges is None:
        return tuple(files)
    return tuple(file for file in files if file.partition is not None and _meets(file.partition, ranges))


def _meets(day: date, ranges: Ranges) -> bool:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = start + (_DAY - _TICK)
    return any(one.low <= end and one.high >= start for one in ranges)


def _both(left: Ranges | None, right: Ranges | None) -> Ranges | None:
    if left is None or right is None:
        return right if left is None else left
    crossed = (Range(max(a.low, b.low), min(a.high, b.high)) for a in left for b in right)
    return tuple(one for one in crossed if one.low <= one.high)


def _ranges(node: exp.Expr, column: str, now: datetime) -> Ranges | None:
    if isinstance(node, exp.Paren):
        return _ranges(node.this, column, now)
    if isinstance(node, exp.And):
        return _both(_ranges(node.left, column, now), _ranges(node.right, column, now))
    if isinstance(node, exp.Or):
        left, right = _ranges(node.left, column, now), _ranges(node.right, column, now)
        return None if left is None or right is None else left + right
    if isinstance(node, exp.Between):
        return _between(node, column, now)
    if isinstance(node, exp.In):
        return _listed(node, column, now)
    if isinstance(node, exp.EQ | exp.LT | exp.LTE | exp.GT | exp.GTE):
        return _compared(node, column, now)
    if isinstance(node, exp.Boolean) and node.this is False:
        return ()
    return None


def _between(node: exp.Between, column: str, now: datetime) -> Ranges | None:
    whole = _column(node.this, column)
    low, high = fold(node.args["low"], now), fold(node.args["high"], now)
    if whole is None or low is None or high is None:
        return None
    return (Range(_start(low), _end(high, whole=whole)),)


def _listed(node: exp.In, column: str, now: datetime) -> Ranges | None:
    whole = _column(node.this, column)
    values = [fold(item, now) for item in node.expressions]
    if whole is None or not values:
        return None
    known = [value for value in values if value is not None]
    return tuple(Range(_start(v), _end(v, whole=whole)) for v in known) if len(known) == len(values) else None


def _compared(node: exp.Expr, column: str, now: datetime) -> Ranges | None:
    left, right = node.this, node.expression
    kind: type[exp.Expr] = type(node)
    if _column(left, column) is None:
        left, right = right, left
        kind = _MIRRORED.get(kind, kind)
    whole, value = _column(left, column), fold(right, now)
    if whole is None or value is None:
        return None
    start, end = _start(value), _end(value, whole=whole)
    bounds: dict[type[exp.Expr], Range] = {
        exp.EQ: Range(start, end),
        exp.LT: Range(_LOW, _before(start)),
        exp.LTE: Range(_LOW, end),
        exp.GT: Range(_after(end), _HIGH),
        exp.GTE: Range(start, _HIGH),
    }
    return (bounds[kind],)


def _column(node: exp.Expr, column: str) -> bool | None:
    """None: not the partition column. True: its whole day, DATE(column) or TIMESTAMP_TRUNC(column, DAY)."""
    if isinstance(node, exp.Column):
        return False if node.name.lower() == column else None
    by_day = isinstance(node, exp.Date | exp.TsOrDsToDate) and len(node.args) <= 2 and node.args.get("zone") is None
    if isinstance(node, exp.TimestampTrunc | exp.DatetimeTrunc) and node.args.get("zone") is None:
        by_day = node.args["unit"].name.upper() == "DAY"
    inner = node.this if by_day else None
    return True if isinstance(inner, exp.Column) and inner.name.lower() == column else None


def _start(value: Value) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _end(value: Value, *, whole: bool) -> datetime:
    """The last instant equal to `value`; of its day where the days are compared."""
    start = _start(value)
    return start + (_DAY - _TICK) if whole else start


def _before(at: datetime) -> datetime:
    return at if at == _LOW else at - _TICK


def _after(at: datetime) -> datetime:
    return at if at == _HIGH else at + _TICK
