"""Traces one statement of either dialect."""

from apps.policies.engine.pii.tracing import bigquery, postgres
from apps.policies.engine.pii.tracing.marks import Traced
from apps.policies.engine.pii.tracing.trace import Lookup, trace
from apps.policies.engine.pii.tracing.tree import UntraceableError
from apps.policies.enums import Dialect


def traced(sql: str, dialect: Dialect, lookup: Lookup) -> Traced:
    """Where the marks that `lookup` puts on tables go. A text that cannot be read has outputs that cannot be told."""
    read = bigquery.lowered if dialect is Dialect.BIGQUERY else postgres.lowered
    try:
        return trace(read(sql), lookup, rows_first=dialect is Dialect.BIGQUERY)
    except (UntraceableError, RecursionError, LookupError):
        return Traced(None)
