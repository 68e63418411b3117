"""Plan validation: a column that can only come from a catalogued table must exist there (BigQuery trees)."""

import difflib
from collections.abc import Iterable, Iterator

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from apps.policies.contracts import CatalogView, Finding, TableRef, TableView
from apps.policies.engine.statement import Context, Reading, block

NAME = "column_exists"
_PSEUDO = frozenset({"_TABLE_SUFFIX", "_PARTITIONTIME", "_PARTITIONDATE", "_FILE_NAME"})


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """Block columns that none of the tables in their scope has. Scopes with anything else in FROM are left alone."""
    if context.catalog is None or not isinstance(reading.tree, exp.Expr):
        return
    try:
        scopes = traverse_scope(reading.tree)
    except SqlglotError:  # two sources of one name, say: the dry run names the place
        return
    seen: set[str] = set()
    for scope in scopes:
        tables = _catalogued(scope, context.catalog)
        for column in scope.columns if tables is not None else ():
            missing = _missing(column, tables or {}, scope)
            if missing and missing not in seen:
                seen.add(missing)
                yield block(NAME, f"There is no column {missing}.", _suggestion(column.name, tables or {}))


def _catalogued(scope: Scope, catalog: CatalogView) -> dict[str, TableView] | None:
    """Alias → table when everything in FROM is in the catalog; None when a column may come from elsewhere."""
    views: dict[str, TableView] = {}
    for alias, source in scope.sources.items():
        view = catalog.table(_ref(source)) if isinstance(source, exp.Table) else None
        if view is None:
            return None
        views[alias.lower()] = view
    has_more = scope.is_subquery or any(isinstance(node, exp.Unnest | exp.Lateral | exp.Pivot) for node in scope.walk())
    return None if has_more or not views else views


def _ref(table: exp.Table) -> TableRef:
    parts = [part for whole in table.parts for part in whole.name.split(".")]
    return TableRef(*reversed(parts[-3:]))


def _missing(column: exp.Column, tables: dict[str, TableView], scope: Scope) -> str | None:
    name = column.name.lower()
    if name.upper() in _PSEUDO or isinstance(column.this, exp.Star) or name in tables:
        return None
    qualifier = column.parts[0].name.lower() if column.table else ""
    if qualifier and qualifier not in tables:
        return None if _has_column(tables.values(), qualifier) else column.sql("bigquery")
    candidates = [tables[qualifier]] if qualifier else list(tables.values())
    first = column.parts[1].name.lower() if qualifier else name
    if _has_column(candidates, first) or (not qualifier and first in _aliases(scope)):
        return None
    return column.sql("bigquery")


def _has_column(tables: Iterable[TableView], name: str) -> bool:
    return any(each.name.lower() == name for view in tables for each in view.columns)


def _aliases(scope: Scope) -> set[str]:
    return {alias.alias.lower() for alias in scope.expression.find_all(exp.Alias)}


def _suggestion(name: str, tables: dict[str, TableView]) -> str:
    known = [column.name for view in tables.values() for column in view.columns]
    near = difflib.get_close_matches(name, known, n=3)
    return f"Did you mean {', '.join(near)}?" if near else "Look in the catalog."
