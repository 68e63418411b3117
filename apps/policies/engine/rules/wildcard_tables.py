"""A wildcard table reads every table it matches: without a bound on _TABLE_SUFFIX somebody has to agree."""

from collections.abc import Iterator

from sqlglot import exp

from apps.policies.contracts import ApprovalKind, Finding, Outcome
from apps.policies.engine.bigquery.filters import Bounds
from apps.policies.engine.bigquery.scopes import Kind
from apps.policies.engine.statement import Context, Reading

NAME = "wildcard_bound"
_SUFFIX = frozenset({"_table_suffix"})


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """Ask (or block where the tenant made the cap hard) about each wildcard without a filter on its suffix."""
    if not reading.shape.wildcards or reading.shape.scopes is None:
        return
    bounds = Bounds(reading.shape.scopes)
    for scope in reading.shape.scopes.scopes:
        for source in scope.sources:
            if source.kind is not Kind.TABLE or not isinstance(source.node, exp.Table) or "*" not in source.node.name:
                continue
            bound = bounds.of(scope, source, _SUFFIX)
            if not bound.usable and not bound.tried:
                yield Finding(
                    NAME, Outcome.BLOCK if NAME in context.limits.hard else Outcome.ASK,
                    f"{source.node.name} reads every matching table.", "Add WHERE _TABLE_SUFFIX BETWEEN … AND ….",
                    approval=ApprovalKind.MISSING_FILTER,
                )  # fmt: skip
                return
