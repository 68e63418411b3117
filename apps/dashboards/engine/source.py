"""A confirmed table as SQL: where its rows come from, when they happened, what they are worth (BigQuery trees).

Bounds are constants on the bare time column wherever its storage allows, so that partitions are pruned.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from sqlglot import exp

from apps.dashboards.engine.period import Period
from apps.datasources.contracts import BorrowedTime, ConfirmedTable

ROW: Final = "t"
LENDER: Final = "o"
_EPOCH_SCALE: Final = MappingProxyType({"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000})
_EPOCH_FUNCTION: Final = MappingProxyType(
    {"epoch_s": "TIMESTAMP_SECONDS", "epoch_ms": "TIMESTAMP_MILLIS", "epoch_us": "TIMESTAMP_MICROS"}
)
_DATE_FORMAT: Final = MappingProxyType({"dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y", "ymd_compact": "%Y%m%d"})
_NEVER_BEFORE: Final = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a row happened: the stored column, how it is stored, and whether it names an instant or a calendar day."""

    stored: exp.Expr
    type: str
    format: str

    @property
    def value(self) -> exp.Expr:
        """A TIMESTAMP, DATETIME or DATE expression."""
        if self.format in _EPOCH_FUNCTION:
            return _call(_EPOCH_FUNCTION[self.format], exp.cast(self.stored.copy(), "BIGINT"))
        if self.format in _DATE_FORMAT:
            return self._parsed_date()
        if self.format == "iso":
            return exp.TryCast(this=self.stored.copy(), to=exp.DataType.build("TIMESTAMPTZ"))
        return self.stored.copy()

    @property
    def kind(self) -> str:
        """The type of `value`: TIMESTAMP is an instant, DATETIME and DATE are what the wall said."""
        if self.format in _DATE_FORMAT:
            return "DATE"
        return "TIMESTAMP" if self.format else self.type.upper()

    def day(self, tz: str) -> exp.Expr:
        """The calendar day in the zone (of an instant), or the day as written."""
        if self.kind == "DATE":
            return self.value
        return _call("DATE", self.value, _text(tz)) if self.kind == "TIMESTAMP" else _call("DATE", self.value)

    def hour(self, tz: str) -> exp.Expr:
        """The hour of the day, 0 to 23, in the zone."""
        wall = _call("DATETIME", self.value, _text(tz)) if self.kind == "TIMESTAMP" else self.value
        return exp.Extract(this=exp.var("HOUR"), expression=wall)

    def within(self, period: Period) -> exp.Expr:
        """From the first instant of the period to the last."""
        lower, upper = self._bound(period.first, period.tz), self._bound(period.last + timedelta(days=1), period.tz)
        column = self.stored if self.format in _EPOCH_SCALE or not self.format else self.value
        return exp.and_(exp.GTE(this=column.copy(), expression=lower), exp.LT(this=column.copy(), expression=upper))

    def ever(self, today: date, tz: str) -> exp.Expr:
        """Any believable time: from 1900 to the end of `today`. Constant bounds, so the gate can see the window."""
        column = self.stored if self.format in _EPOCH_SCALE or not self.format else self.value
        lower, upper = self._bound(_NEVER_BEFORE, "UTC"), self._bound(today + timedelta(days=1), tz)
        return exp.and_(exp.GTE(this=column.copy(), expression=lower), exp.LT(this=column.copy(), expression=upper))

    def _bound(self, day: date, tz: str) -> exp.Expr:
        if self.kind == "DATE":
            return exp.cast(_text(day.isoformat()), "DATE")
        if self.kind == "DATETIME":
            return exp.cast(_text(f"{day.isoformat()} 00:00:00"), "TIMESTAMP")
        start = Period(day, day, tz).starts_at
        if self.format in _EPOCH_SCALE:
            return exp.Literal.number(
                int((start - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * _EPOCH_SCALE[self.format]
            )
        return exp.cast(_text(start.strftime("%Y-%m-%d %H:%M:%S+00:00")), "TIMESTAMPTZ")

    def _parsed_date(self) -> exp.Expr:
        text: exp.Expr = exp.cast(self.stored.copy(), "TEXT")
        if self.format != "ymd_compact":
            for separator in (".", "-"):
                text = _call("REPLACE", text, _text(separator), _text("/"))
        return _call("PARSE_DATE", _text(_DATE_FORMAT[self.format]), text)


def column(name: str, table: str = ROW) -> exp.Column:
    """A quoted column of the row (or of the table its time is borrowed from)."""
    return exp.column(exp.to_identifier(name, quoted=True), table=table)


def from_rows(select: exp.Select, table: ConfirmedTable) -> exp.Select:
    """`select` reading the table's rows, joined to the lender of their time where it is borrowed."""
    read = select.from_(_table(table.dataset, table.name, ROW))
    lent = table.borrowed_time if table.time_column is None else None
    if lent is None:
        return read
    match = exp.EQ(this=column(lent.column), expression=column(lent.ref_column, LENDER))
    return read.join(_table(lent.dataset, lent.table, LENDER), on=match, join_type="inner")


def moment(table: ConfirmedTable) -> Moment | None:
    """When the table's rows happened; None for a table without a time line."""
    if table.time_column is not None:
        fact = table.column(table.time_column)
        kind = fact.type if fact else "TIMESTAMP"
        return Moment(column(table.time_column), _native(kind), fact.time_format if fact else "")
    return _lent(table.borrowed_time) if table.borrowed_time else None


def amount(table: ConfirmedTable) -> exp.Expr:
    """What one row is worth: the amount, times quantity, less discount, over the divisor."""
    value: exp.Expr = column(table.amount_column or "")
    if table.quantity_column:
        value = exp.Mul(this=value, expression=column(table.quantity_column))
    if table.discount_column:
        share = exp.func("COALESCE", column(table.discount_column), exp.Literal.number(0))
        kept = exp.paren(exp.Sub(this=exp.Literal.number(1), expression=share))
        value = exp.Mul(this=value, expression=kept)
    if table.amount_divisor != 1:
        value = exp.Div(this=exp.paren(value), expression=exp.Literal.number(table.amount_divisor))
    return value


def _lent(lent: BorrowedTime) -> Moment:
    return Moment(column(lent.time_column, LENDER), _native(lent.time_type), lent.time_format)


def _native(kind: str) -> str:
    known = kind.upper()
    return known if known in {"DATE", "DATETIME"} else "TIMESTAMP"


def _table(dataset: str, name: str, alias: str) -> exp.Expr:
    known = exp.table_(exp.to_identifier(name, quoted=True), db=exp.to_identifier(dataset, quoted=True))
    return exp.alias_(known, alias, table=True)


def _text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A BigQuery function by name, read by the dialect itself so that the tree is the one its parser builds."""
    builder: Callable[..., exp.Expr] = exp.func
    return builder(name, *arguments, dialect="bigquery")
