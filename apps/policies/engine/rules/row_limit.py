"""A LIMIT on the outermost query: on BigQuery written into the tree, on Postgres kept by the cursor.

A LIMIT caps rows, never bytes: the dry run and the budget are what guard the cost.
"""

from collections.abc import Iterator

from sqlglot import exp

from apps.policies.contracts import Dialect, Finding, Outcome
from apps.policies.engine.bigquery.shape import limit_carrier
from apps.policies.engine.statement import Context, Reading

NAME = "row_limit"


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """Say what will be done: nothing, a note (Postgres), or a fix (BigQuery)."""
    shape, cap = reading.shape, context.row_limit
    if not shape.root_allowed or _is_small(reading, cap):
        return
    if context.dialect is Dialect.POSTGRES:
        yield Finding(NAME, Outcome.NOTE, f"At most {cap} rows are fetched.", limit=cap)
    elif shape.row_limit is not None:
        message = f"LIMIT {shape.row_limit} was lowered to {cap}."
        yield Finding(NAME, Outcome.FIX, message, observed=shape.row_limit, limit=cap)
    elif not shape.grouped:
        yield Finding(NAME, Outcome.FIX, f"LIMIT {cap} was added.", "Write a LIMIT of your own.", limit=cap)


def _is_small(reading: Reading, cap: int) -> bool:
    shape = reading.shape
    return shape.single_row or (shape.row_limit is not None and shape.row_limit <= cap)


def apply(reading: Reading, context: Context) -> None:
    """Put LIMIT `context.row_limit` on the outermost query of the tree (BigQuery only), where it is needed."""
    if any(finding.outcome is Outcome.FIX for finding in check(reading, context)):
        limit_carrier(reading.tree).set("limit", exp.Limit(expression=exp.Literal.number(context.row_limit)))
