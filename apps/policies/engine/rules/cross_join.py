"""A product of two tables is asked about above a size: it writes nothing, but it can be endless."""

from collections.abc import Iterator

from sqlglot import exp

from apps.policies.contracts import ApprovalKind, Finding, Outcome
from apps.policies.engine.bigquery.products import Product, products_of
from apps.policies.engine.bigquery.shape import ref_of
from apps.policies.engine.statement import Context, Reading

NAME = "cross_join"


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """Ask (or block where the tenant made the cap hard) about the largest product."""
    if reading.shape.scopes is None:
        return

    def rows(table: exp.Table) -> int | None:
        view = context.catalog.table(ref_of(table)) if context.catalog else None
        return view.row_count if view else None

    cap = context.limits.joined_pairs
    found = [each for each in products_of(reading.shape.scopes, rows) if each.pairs is None or each.pairs > cap]
    if found:
        yield _finding(max(found, key=lambda each: each.pairs or cap), context)


def _finding(product: Product, context: Context) -> Finding:
    cap = context.limits.joined_pairs
    size = "every row with every row" if product.pairs is None else f"{product.pairs} pairs of rows"
    named = " and ".join(name for name in product.names[:3] if name)
    return Finding(
        NAME, Outcome.BLOCK if NAME in context.limits.hard else Outcome.ASK,
        f"Nothing ties {named or 'its sources'} together: the join makes {size}; {cap} need no approval.",
        "Join ON a column of each side, or ask for approval.",
        observed=product.pairs, limit=cap, approval=ApprovalKind.COMPLEXITY,
    )  # fmt: skip
