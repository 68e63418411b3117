"""A partitioned table is read by a bound on its partition column, a large one by a bound on its time column.

Where the column is a date or time and the statement says nothing about it, a window of the last days is added (and
said); where a filter is there but cannot prune, or the column is unknown, the statement is blocked with the reason: a
window beside a filter of one's own would give an answer nobody asked for. On Postgres, whose text runs as it is, a
missing filter is asked about; a bound on a unique key is as good there, one on a truncated column none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from apps.policies.contracts import ApprovalKind, Dialect, Finding, Outcome, TableRef, TableView
from apps.policies.engine.bigquery import windows
from apps.policies.engine.bigquery.filters import Bounds
from apps.policies.engine.bigquery.scopes import Kind, Scope, Scopes, Source, fold
from apps.policies.engine.bigquery.shape import ref_of
from apps.policies.engine.postgres.agreement import folded
from apps.policies.engine.statement import Context, Reading, block

NAME = "time_filter"
_TIMES = ("DATE", "DATETIME", "TIMESTAMP")
_INGESTION = frozenset({"_partitiontime", "_partitiondate"})


@dataclass(frozen=True, slots=True)
class _Need:
    """One reading of a table that has to be bounded; `column` is empty where none is known."""

    scope: Scope
    source: Source
    view: TableView
    column: str
    type: str
    tried: bool

    @property
    def is_fixable(self) -> bool:
        return bool(self.column) and self.type in windows.TYPES and not self.tried


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """Say for each table what is missing, and what is done about it."""
    for need in {str(need.view.ref): need for need in _needs(reading, context)}.values():
        yield _finding(need, context)


def apply(reading: Reading, context: Context) -> None:
    """Put the windows into the tree, innermost readings of a table one by one."""
    for need in [*_needs(reading, context)]:
        windows.put(need.scope, need.source, need.column, need.type, context.limits.time_window_days)


def _finding(need: _Need, context: Context) -> Finding:
    ref, days = need.view.ref, context.limits.time_window_days
    example = f"Write WHERE {need.column or '<time column>'} >= … with a constant: the bare column, no function."
    if context.dialect is Dialect.POSTGRES:
        message = f"{ref} {_why(need, context)} and is read without a bound on {need.column or 'a time column'}."
        return Finding(NAME, Outcome.ASK, message, example, approval=ApprovalKind.MISSING_FILTER)
    if need.is_fixable:
        message = f"{ref} {_why(need, context)}: only its last {days} days by {need.column} are read."
        return Finding(NAME, Outcome.FIX, message, example, limit=days)
    if need.tried:
        return block(
            NAME, f"{ref} {_why(need, context)}, and the filter on {need.column} leaves no part unread.", example
        )
    if not need.column:
        remedy = "Confirm the table's time column in the catalog, or ask an administrator to raise the limit of rows."
        return block(NAME, f"{ref} {_why(need, context)} and no time column of it is known.", remedy)
    return block(NAME, f"{ref} {_why(need, context)} and is read without a bound on it.", example)


def _why(need: _Need, context: Context) -> str:
    if need.view.partition_column:
        return f"is partitioned by {need.view.partition_column}"
    return f"has more than {context.limits.time_filter_rows} rows"


def _needs(reading: Reading, context: Context) -> Iterator[_Need]:
    scopes = reading.shape.scopes if context.catalog is not None else None
    if context.catalog is not None and context.dialect is Dialect.POSTGRES:
        scopes = _postgres_scopes(reading, context)
    if scopes is None:
        return
    bounds = Bounds(scopes, bare=context.dialect is Dialect.POSTGRES)
    for scope in scopes.scopes:
        for source in scope.sources:
            view = _view(source, context)
            if view is not None and _is_bound_to_be(view, context):
                need = _need(bounds, scope, source, view)
                if need is not None:
                    yield need


def _view(source: Source, context: Context) -> TableView | None:
    if source.kind is not Kind.TABLE or not isinstance(source.node, exp.Table) or context.catalog is None:
        return None
    table = source.node
    if context.dialect is Dialect.POSTGRES:
        return context.catalog.table(TableRef(folded(table.this), folded(table.args.get("db"))))
    return context.catalog.table(ref_of(table))


def _is_bound_to_be(view: TableView, context: Context) -> bool:
    """Whether somebody has to say which part is meant. Postgres without a column that could serve: nobody could."""
    if view.partition_column:
        return True
    return _is_large(view, context) and (context.dialect is not Dialect.POSTGRES or view.time_column is not None)


def _is_large(view: TableView, context: Context) -> bool:
    return view.row_count is not None and view.row_count > context.limits.time_filter_rows


def _need(bounds: Bounds, scope: Scope, source: Source, view: TableView) -> _Need | None:
    column = view.partition_column or view.time_column or ""
    counting = _counting(view)
    bound = bounds.of(scope, source, counting) if counting else None
    if bound is not None and bound.usable:
        return None
    return _Need(scope, source, view, column, _type(view, column), bound is not None and bound.tried)


def _counting(view: TableView) -> frozenset[str]:
    """The columns a bound may stand on: the partition column alone, else any date or time."""
    if view.partition_column:
        name = fold(view.partition_column)
        return _INGESTION if name in _INGESTION else frozenset({name})
    times = {fold(each.name) for each in view.columns if each.type.upper().startswith(_TIMES)}
    return frozenset(times | {fold(name) for name in (view.time_column, *view.key_columns) if name})


def _type(view: TableView, column: str) -> str:
    if fold(column) in _INGESTION:
        return "DATE" if fold(column) == "_partitiondate" else "TIMESTAMP"
    if view.partition_column == column and view.partition_type:
        return view.partition_type.upper()
    return next((each.type.upper() for each in view.columns if fold(each.name) == fold(column)), "")


def _postgres_scopes(reading: Reading, context: Context) -> Scopes | None:
    """sqlglot's reading of a Postgres text, made only where a table of it needs a bound."""
    views = [context.catalog.table(ref) for ref in reading.shape.tables] if context.catalog else []
    if not any(view and _is_bound_to_be(view, context) for view in views):
        return None
    try:
        scopes = Scopes(sqlglot.parse_one(reading.sql, read="postgres"))
    except Exception:  # noqa: BLE001  # sqlglot raises more than its own errors; unread means unbounded, not stopped
        return None
    for _ in scopes.nodes():
        pass
    return scopes
