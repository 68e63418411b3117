"""The value of a constant expression (a date, an instant, a text), as far as it decides which partitions are read.

Days are dates; everything finer is an aware UTC datetime. What is not understood is None: nothing is pruned by it.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from sqlglot import exp

Value = date | datetime
_NOW = (exp.CurrentTimestamp, exp.CurrentDatetime)
_TYPED = (exp.Cast, exp.TryCast, exp.Date, exp.Timestamp, exp.Datetime, exp.TsOrDsToDate)
_ADD = (exp.DateAdd, exp.TimestampAdd, exp.DatetimeAdd, exp.TsOrDsAdd)
_SUB = (exp.DateSub, exp.TimestampSub, exp.DatetimeSub)
_TRUNC = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)


def fold(node: exp.Expr | None, now: datetime) -> Value | None:
    """Evaluate `node` at the instant `now`; None where it is no constant or not one we know."""
    if node is None or isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Paren | exp.Alias):
        return fold(node.this, now)
    if isinstance(node, exp.Literal):
        return _parsed(node.this) if node.is_string else None
    if isinstance(node, exp.CurrentDate):
        return _today(node, now)
    if isinstance(node, _NOW):
        return now
    if isinstance(node, (*_ADD, *_SUB)):
        return _shifted(node, now)
    if isinstance(node, exp.Add | exp.Sub):
        return _shifted_by_operator(node, now)
    if isinstance(node, _TRUNC):
        return _truncated(node, now)
    if isinstance(node, exp.LastDay):
        value = fold(node.this, now)
        return None if value is None else _day(value) + relativedelta(day=31)
    if isinstance(node, exp.DateFromParts):
        return _from_parts(node)
    return _typed(node, now) if isinstance(node, _TYPED) else None


def _today(node: exp.CurrentDate, now: datetime) -> date | None:
    if node.this is None:
        return now.date()
    try:
        return now.astimezone(ZoneInfo(node.this.name)).date()
    except (KeyError, ValueError):
        return None


def _parsed(text: str) -> Value | None:
    text = text.strip()
    try:
        if len(text) <= 10:
            return date.fromisoformat(text)
        at = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _typed(node: exp.Expr, now: datetime) -> Value | None:
    if node.args.get("zone") is not None or node.args.get("expression") is not None:
        return None
    value = fold(node.this, now)
    if value is None:
        return None
    to_date = isinstance(node, exp.Date | exp.TsOrDsToDate) or (
        isinstance(node, exp.Cast) and node.to.is_type("date", "date32")
    )
    return _day(value) if to_date else value


def _day(value: Value) -> date:
    return value.date() if isinstance(value, datetime) else value


def _shifted(node: exp.Expr, now: datetime) -> Value | None:
    value = fold(node.this, now)
    delta = _delta(node.args.get("expression"), node.args.get("unit"))
    if value is None or delta is None:
        return None
    return value - delta if isinstance(node, _SUB) else value + delta


def _shifted_by_operator(node: exp.Expr, now: datetime) -> Value | None:
    value = fold(node.this, now)
    amount = node.expression
    delta = _delta(amount.this, amount.args.get("unit")) if isinstance(amount, exp.Interval) else _delta(amount, None)
    if value is None or delta is None:
        return None
    return value - delta if isinstance(node, exp.Sub) else value + delta


def _delta(amount: exp.Expr | None, unit: exp.Expr | None) -> relativedelta | timedelta | None:
    if isinstance(amount, exp.Interval):
        return _delta(amount.this, amount.args.get("unit") or unit)
    negative = isinstance(amount, exp.Neg)
    literal = amount.this if isinstance(amount, exp.Neg) else amount
    if not isinstance(literal, exp.Literal):
        return None
    try:
        count = -int(literal.this) if negative else int(literal.this)
    except ValueError:
        return None
    name = (unit.name if unit is not None else "DAY").upper()
    if name in {"YEAR", "QUARTER", "MONTH"}:
        months = {"YEAR": 12, "QUARTER": 3, "MONTH": 1}[name]
        return relativedelta(months=count * months)
    seconds = {"WEEK": 604800, "DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}.get(name)
    return timedelta(seconds=count * seconds) if seconds else None


def _truncated(node: exp.Expr, now: datetime) -> Value | None:
    value = fold(node.this, now)
    if value is None or node.args.get("zone") is not None:
        return None
    day, unit = _day(value), (node.args["unit"].sql(dialect="bigquery") if node.args.get("unit") else "DAY").upper()
    starts: dict[str, date] = {
        "DAY": day,
        "WEEK": day - timedelta(days=(day.weekday() + 1) % 7),
        "WEEK(SUNDAY)": day - timedelta(days=(day.weekday() + 1) % 7),
        "WEEK(MONDAY)": day - timedelta(days=day.weekday()),
        "ISOWEEK": day - timedelta(days=day.weekday()),
        "MONTH": day.replace(day=1),
        "QUARTER": day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
        "YEAR": day.replace(month=1, day=1),
    }
    start = starts.get(unit.strip("'"))
    if start is None or not isinstance(value, datetime):
        return start
    return datetime(start.year, start.month, start.day, tzinfo=UTC)


def _from_parts(node: exp.DateFromParts) -> date | None:
    try:
        year, month, day = (int(node.args[part].this) for part in ("year", "month", "day"))
        return date(year, month, day)
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
