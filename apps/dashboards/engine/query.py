"""Card spec and period in, one BigQuery SELECT out, as a tree: SQL is never pasted together.

Result columns have fixed names: a measure's key, `<key>_previous`, `day`, `value`, `weekday`, `hour`.
"""

from datetime import date
from typing import Final

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from apps.core.errors import InvalidInput
from apps.dashboards.engine import source
from apps.dashboards.engine.period import Period
from apps.dashboards.engine.spec import AMOUNT, AVERAGE, DISTINCT, LATEST, CardSpec, Measure
from apps.dashboards.enums import QueryShape
from apps.datasources.contracts import ConfirmedTable

PREVIOUS: Final = "_previous"
NO_VALUE: Final = "(none)"
MONDAY: Final = "1970-01-05"


def build(spec: CardSpec, table: ConfirmedTable, period: Period) -> exp.Select:
    """The query of a card for a period; a table without a time line is read whole."""
    if spec.shape is QueryShape.TOTAL:
        return totals(table, spec.measures, period)
    if spec.shape is QueryShape.DAILY:
        return by_day(table, spec.measures, period)
    if spec.shape is QueryShape.BREAKDOWN:
        return breakdown(table, spec.measures, str(spec.dimension), period, limit=spec.limit)
    if spec.shape is QueryShape.HEATMAP:
        return by_hour(table, spec.measures, period)
    return completeness(table, spec.columns, period)


def text(query: exp.Expr) -> str:
    """The query in BigQuery's dialect."""
    return query.sql(dialect="bigquery", pretty=True)


def laid_out(sql: str) -> str:
    """The same statement over several lines, to be read; a text that is not one statement stays as it is."""
    try:
        return text(parse_one(sql, read="bigquery"))
    except SqlglotError:
        return sql


def totals(table: ConfirmedTable, figures: tuple[Measure, ...], period: Period) -> exp.Select:
    """One row: each figure in the period and, with a time line, in the one before."""
    when = source.moment(table)
    if when is None:
        return source.from_rows(exp.select(*[_named(_aggregate(m, table), m.key) for m in figures]), table)
    if any(figure.kind == LATEST for figure in figures):
        return latest(table, figures, period.last, period.tz)
    columns = []
    for figure in figures:
        columns.append(_named(_aggregate(figure, table, when.within(period)), figure.key))
        columns.append(_named(_aggregate(figure, table, when.within(period.before())), figure.key + PREVIOUS))
    both = Period(period.before().first, period.last, period.tz)
    return source.from_rows(exp.select(*columns), table).where(when.within(both))


def latest(table: ConfirmedTable, figures: tuple[Measure, ...], today: date, tz: str) -> exp.Select:
    """One row: the newest believable time in the table, whatever the period."""
    when = _timed(table)
    columns = [_named(exp.Max(this=when.value), figure.key) for figure in figures]
    return source.from_rows(exp.select(*columns), table).where(when.ever(today, tz))


def bounds(table: ConfirmedTable, today: date, tz: str) -> exp.Select:
    """One row: first and last calendar day with a believable time, the newest time, how many rows carry one."""
    when = _timed(table)
    day = when.day(tz)
    columns = [
        _named(exp.Min(this=day), "first_day"),
        _named(exp.Max(this=day.copy()), "last_day"),
        _named(exp.Max(this=when.value), "last_at"),
        _named(_count(), "row_count"),
    ]
    return source.from_rows(exp.select(*columns), table).where(when.ever(today, tz))


def by_day(table: ConfirmedTable, figures: tuple[Measure, ...], period: Period) -> exp.Select:
    """One row a day that has rows, in order."""
    when = _timed(table)
    columns = [_named(when.day(period.tz), "day"), *[_named(_aggregate(m, table), m.key) for m in figures]]
    query = source.from_rows(exp.select(*columns), table).where(when.within(period))
    return _grouped(query, 1).order_by("1")


def by_week(table: ConfirmedTable, figures: tuple[Measure, ...], period: Period) -> exp.Select:
    """One row for each run of seven days counted back from the period's end: week 0 is the last one."""
    when = _timed(table)
    back = exp.DateDiff(this=_day(period.last.isoformat()), expression=when.day(period.tz), unit=exp.var("DAY"))
    week = exp.func("DIV", back, exp.Literal.number(7), dialect="bigquery")
    columns = [_named(week, "week"), *[_named(_aggregate(m, table), m.key) for m in figures]]
    query = source.from_rows(exp.select(*columns), table).where(when.within(period))
    return _grouped(query, 1).order_by("1")


def breakdown(
    table: ConfirmedTable, figures: tuple[Measure, ...], dimension: str, period: Period, *, limit: int
) -> exp.Select:
    """One row for each value of the dimension, the largest first figure on top; empty values as “(none)”."""
    columns = [_named(_value_of(dimension), "value"), *[_named(_aggregate(m, table), m.key) for m in figures]]
    query = source.from_rows(exp.select(*columns), table)
    when = source.moment(table)
    if when is not None:
        query = query.where(when.within(period))
    return _grouped(query, 1).order_by(_down(2), _up(1)).limit(limit)


def compared_breakdown(
    table: ConfirmedTable, figures: tuple[Measure, ...], dimension: str, period: Period, *, limit: int
) -> exp.Select:
    """One row for each value of the dimension: each figure in the period and in the one before."""
    when = _timed(table)
    columns = [_named(_value_of(dimension), "value")]
    for figure in figures:
        columns.append(_named(_aggregate(figure, table, when.within(period)), figure.key))
        columns.append(_named(_aggregate(figure, table, when.within(period.before())), figure.key + PREVIOUS))
    both = Period(period.before().first, period.last, period.tz)
    query = source.from_rows(exp.select(*columns), table).where(when.within(both))
    return _grouped(query, 1).order_by(_down(2), _up(1)).limit(limit)


def by_hour(table: ConfirmedTable, figures: tuple[Measure, ...], period: Period) -> exp.Select:
    """One row for each weekday (0 is Monday) and hour that has rows."""
    when = _timed(table)
    since = exp.DateDiff(this=when.day(period.tz), expression=_day(MONDAY), unit=exp.var("DAY"))
    weekday = exp.func("MOD", since, exp.Literal.number(7), dialect="bigquery")
    columns = [_named(weekday, "weekday"), _named(when.hour(period.tz), "hour")]
    columns += [_named(_aggregate(figure, table), figure.key) for figure in figures]
    query = source.from_rows(exp.select(*columns), table).where(when.within(period))
    return _grouped(query, 2).order_by("1", "2")


def completeness(table: ConfirmedTable, names: tuple[str, ...], period: Period) -> exp.Select:
    """One row: `row_count`, then `c0`, `c1`, … the number of empty values of each column named, in one scan."""
    columns = [_named(_count(), "row_count")]
    for index, name in enumerate(names):
        empty = exp.Is(this=source.column(name), expression=exp.null())
        columns.append(_named(exp.CountIf(this=empty), f"c{index}"))
    query = source.from_rows(exp.select(*columns), table)
    when = source.moment(table)
    return query if when is None else query.where(when.within(period))


def _aggregate(figure: Measure, table: ConfirmedTable, condition: exp.Expr | None = None) -> exp.Expr:
    """The figure over all rows, or over those that meet the condition."""
    if figure.kind in {AMOUNT, AVERAGE}:
        total = exp.Sum(this=_only(source.amount(table), condition))
        if figure.kind == AMOUNT:
            return total
        having = exp.Count(this=_only(source.amount(table), condition), big_int=True)
        return exp.func("SAFE_DIVIDE", total, having, dialect="bigquery")
    if figure.kind == DISTINCT:
        inside = _only(source.column(str(figure.column)), condition)
        return exp.Count(this=exp.Distinct(expressions=[inside]), big_int=True)
    return _count() if condition is None else exp.CountIf(this=condition)


def _only(value: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    return value if condition is None else exp.If(this=condition, true=value, false=exp.null())


def _timed(table: ConfirmedTable) -> source.Moment:
    when = source.moment(table)
    if when is None:
        raise InvalidInput(
            f"“{table.name}” has no time column.", next_steps=["Confirm a time column for it in the catalog."]
        )
    return when


def _value_of(dimension: str) -> exp.Expr:
    spelled = exp.cast(source.column(dimension), "TEXT")
    return exp.func("COALESCE", spelled, exp.Literal.string(NO_VALUE))


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star(), big_int=True)


def _day(iso: str) -> exp.Expr:
    return exp.cast(exp.Literal.string(iso), "DATE")


def _named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name)


def _grouped(query: exp.Select, columns: int) -> exp.Select:
    return query.group_by(*[str(index + 1) for index in range(columns)])


def _down(position: int) -> exp.Ordered:
    return exp.Ordered(this=exp.Literal.number(position), desc=True, nulls_first=False)


def _up(position: int) -> exp.Ordered:
    return exp.Ordered(this=exp.Literal.number(position), desc=False, nulls_first=True)
