"""Many joins are asked about, not refused: everyday SQL has up to seven at its 99th percentile."""

from collections.abc import Iterator

from apps.policies.contracts import ApprovalKind, Finding, Outcome
from apps.policies.engine.statement import Context, Reading

NAME = "join_depth"


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """Ask (or block where the tenant made the cap hard) above the cap."""
    joins, cap = reading.shape.joins, context.limits.join_depth
    if joins > cap:
        outcome = Outcome.BLOCK if NAME in context.limits.hard else Outcome.ASK
        yield Finding(
            NAME, outcome, f"The query joins {joins} times; {cap} need no approval.",
            "Aggregate before joining, or ask for approval.",
            observed=joins, limit=cap, approval=ApprovalKind.COMPLEXITY,
        )  # fmt: skip
