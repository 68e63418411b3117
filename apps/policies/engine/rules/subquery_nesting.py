"""Deeply nested subqueries are asked about."""

from collections.abc import Iterator

from apps.policies.contracts import ApprovalKind, Finding, Outcome
from apps.policies.engine.statement import Context, Reading

NAME = "subquery_nesting"


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """Ask (or block where the tenant made the cap hard) above the cap."""
    depth, cap = reading.shape.nesting, context.limits.subquery_nesting
    if depth > cap:
        outcome = Outcome.BLOCK if NAME in context.limits.hard else Outcome.ASK
        yield Finding(
            NAME, outcome, f"Subqueries are nested {depth} deep; {cap} need no approval.",
            "Use common table expressions (WITH), or ask for approval.",
            observed=depth, limit=cap, approval=ApprovalKind.COMPLEXITY,
        )  # fmt: skip
