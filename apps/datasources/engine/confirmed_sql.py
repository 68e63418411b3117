"""SQL pieces for a confirmed table, as BigQuery trees: where rows come from, when they happened, what they are worth.

The same expressions serve dashboards, memos and the agent, so that one table is read one way everywhere.
"""

from sqlglot import exp

from apps.datasources.contracts import ConfirmedTable
from apps.datasources.engine.profiling.families import base_type
from apps.datasources.engine.profiling.formats import number_expression, time_expression

ROWS = "t"
LENDER = "l"


def source(table: ConfirmedTable, select: exp.Select) -> exp.Select:
    """`select` reading from the table (alias `t`), joined to the table that lends its time where there is one."""
    own = exp.table_(_name(table.name), db=_name(table.dataset), alias=ROWS)
    statement = select.from_(own)
    lender = table.borrowed_time
    if table.time_column is not None or lender is None:
        return statement
    other = exp.table_(_name(lender.table), db=_name(lender.dataset), alias=LENDER)
    on = exp.EQ(this=_column(lender.column, ROWS), expression=_column(lender.ref_column, LENDER))
    return statement.join(other, on=on, join_type="left")


def moment(table: ConfirmedTable) -> exp.Expr | None:
    """When a row happened: a DATE for date columns, else a TIMESTAMP or DATETIME; None when nothing says it."""
    if table.time_column is not None:
        fact = table.column(table.time_column)
        type_, format_ = (fact.type, fact.time_format) if fact else ("TIMESTAMP", "")
        return time_expression(_column(table.time_column, ROWS), type_, format_)
    lender = table.borrowed_time
    if lender is None:
        return None
    return time_expression(_column(lender.time_column, LENDER), lender.time_type, lender.time_format)


def moment_type(table: ConfirmedTable) -> str:
    """The BigQuery type of `moment`: DATE, DATETIME or TIMESTAMP."""
    if table.time_column is not None:
        fact = table.column(table.time_column)
        type_, format_ = (fact.type, fact.time_format) if fact else ("TIMESTAMP", "")
    elif table.borrowed_time is not None:
        type_, format_ = table.borrowed_time.time_type, table.borrowed_time.time_format
    else:
        return "TIMESTAMP"
    return "TIMESTAMP" if format_ else base_type(type_)


def amount(table: ConfirmedTable) -> exp.Expr | None:
    """What one row is worth, in whole units: price × quantity less discount where there is no total."""
    if table.amount_column is None:
        return None
    value = number(table, table.amount_column)
    if table.quantity_column is not None:
        value = exp.Mul(this=value, expression=number(table, table.quantity_column))
    if table.discount_column is not None:
        paid = exp.Sub(this=exp.Literal.number(1), expression=number(table, table.discount_column))
        value = exp.Mul(this=value, expression=exp.Paren(this=paid))
    if table.amount_divisor != 1:
        value = exp.Div(this=exp.Paren(this=value), expression=exp.Literal.number(table.amount_divisor))
    return value


def number(table: ConfirmedTable, name: str) -> exp.Expr:
    """A numeric column, also where text spells its numbers."""
    fact = table.column(name)
    return number_expression(_column(name, ROWS), fact.number_format if fact else "")


def column(name: str) -> exp.Column:
    """A column of the table itself."""
    return _column(name, ROWS)


def _column(name: str, table: str) -> exp.Column:
    return exp.Column(this=_name(name), table=exp.to_identifier(table))


def _name(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)
