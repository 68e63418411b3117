"""How many rows the array generators of a statement make, where their bounds can be worked out from the text."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import isfinite
from typing import Final

from sqlglot import exp

_DEEPEST: Final = 20
_NAMES: Final[dict[type[exp.Expr], str]] = {
    exp.GenerateSeries: "GENERATE_ARRAY",
    exp.GenerateDateArray: "GENERATE_DATE_ARRAY",
    exp.GenerateTimestampArray: "GENERATE_TIMESTAMP_ARRAY",
}
_SECONDS: Final = {
    "MICROSECOND": 1e-6, "MILLISECOND": 1e-3, "SECOND": 1.0, "MINUTE": 60.0, "HOUR": 3600.0, "DAY": 86_400.0,
    "WEEK": 604_800.0, "MONTH": 2_592_000.0, "QUARTER": 7_776_000.0, "YEAR": 31_536_000.0,
}  # fmt: skip


def generators_of(calls: Iterable[exp.Func]) -> Iterator[tuple[str, int | None]]:
    """Each generator with its rows; None where a bound is not known before it runs."""
    for call in calls:
        name = _NAMES.get(type(call))
        if name is not None:
            yield name, _rows(call)


def _rows(call: exp.Func) -> int | None:
    start, end, step = (call.args.get(key) for key in ("start", "end", "step"))
    value = number if isinstance(call, exp.GenerateSeries) else _instant
    low, high, pace = value(start), value(end), _pace(call, step)
    if low is None or high is None or not pace:
        return None
    return max(0, int(max(-1.0, min((high - low) / pace, 1e18))) + 1)


def _pace(call: exp.Func, step: exp.Expr | None) -> float | None:
    if isinstance(call, exp.GenerateSeries):
        return 1.0 if step is None else number(step)
    if not isinstance(step, exp.Interval):
        return _SECONDS["DAY"] if step is None else None
    size, unit = number(step.this), _SECONDS.get(str(step.args.get("unit") or "").upper())
    return size * unit if size is not None and unit is not None else None


def number(node: exp.Expr | None, depth: int = 0) -> float | None:
    """The value of an expression of plain numbers, worked out; None for anything else."""
    if node is None or depth > _DEEPEST:
        return None
    if isinstance(node, exp.Literal):
        return _finite(node.name)
    if isinstance(node, exp.Paren | exp.Cast):
        return number(node.this, depth + 1)
    if isinstance(node, exp.Neg):
        inner = number(node.this, depth + 1)
        return None if inner is None else -inner
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Pow | exp.Div):
        return _worked_out(node, number(node.this, depth + 1), number(node.expression, depth + 1))
    return None


def _finite(digits: str) -> float | None:
    try:
        value = float(digits)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _worked_out(node: exp.Expr, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    try:
        match node:
            case exp.Add():
                return left + right
            case exp.Sub():
                return left - right
            case exp.Mul():
                return left * right
            case exp.Div():
                return left / right
            case _:
                return _finite(str(left**right))
    except (ArithmeticError, TypeError, ValueError):
        return None


def _instant(node: exp.Expr | None) -> float | None:
    """Seconds since 1970 of a literal date or time, whatever it is wrapped in."""
    for _ in range(_DEEPEST):
        if isinstance(node, exp.Literal):
            try:
                at = datetime.fromisoformat(node.name)
            except ValueError:
                return None
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        if not isinstance(node, exp.Cast | exp.Date | exp.Timestamp | exp.TsOrDsToDate | exp.Paren):
            return None
        node = node.this
    return None
