"""From a BigQuery SELECT to a plan: DuckDB text with a slot per table scanned, and what each scan reads.

1. Parse, find the tables, put a placeholder in the place of each. 2. Qualify and type against the schema.
3. Rewrite for DuckDB. 4. On a copy, push predicates and projections down to see columns and conditions per scan.
The plan does not depend on the data, so it is kept per (statement, schema); files are chosen when it runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.pushdown_predicates import pushdown_predicates
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from apps.datasources.engine.bigquery import information_schema
from apps.datasources.engine.bigquery.errors import BigQuerySqlError
from apps.datasources.engine.bigquery.rewrites import SAFE_CALL, rewritten
from apps.datasources.engine.bigquery.schema import PROJECT, Warehouse, WarehouseTable

DIALECT = "bigquery"


@dataclass(frozen=True, slots=True)
class Scan:
    """One reading of one table. `view` is set for INFORMATION_SCHEMA, `dataset` then says whose."""

    slot: str
    dataset: str
    table: str
    view: str = ""
    columns: frozenset[str] = frozenset()
    conditions: tuple[exp.Expr, ...] = ()
    sampled: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`duckdb_sql` names its tables by slot; `outputs` are the column names BigQuery would give."""

    duckdb_sql: str
    scans: tuple[Scan, ...]
    outputs: tuple[str, ...]


def compile_select(sql: str, warehouse: Warehouse) -> Plan:
    """The plan of one SELECT. Raises BigQuerySqlError where BigQuery would refuse it or we cannot run it."""
    try:
        tree = _parsed(sql)
        written = _written_names(_named(tree))
        _unwrap_safe_calls(tree)
        scans = _with_slots(tree, warehouse)
        qualified = _qualified(tree, scans, warehouse)
        outputs = _output_names(written, qualified, scans, warehouse)
        text = rewritten(qualified.copy()).sql(dialect="duckdb")
        return Plan(text, _observed(qualified, scans), outputs)
    except SqlglotError as error:
        raise _refusal(error) from error
    except RecursionError as error:
        raise BigQuerySqlError("The statement is nested too deeply.") from error


def _parsed(sql: str) -> exp.Query:
    statements = [statement for statement in parse(sql, dialect=DIALECT) if statement is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise BigQuerySqlError("Exactly one SELECT runs here.")
    return statements[0]


def _unwrap_safe_calls(tree: exp.Query) -> None:
    """SAFE.f(x) gives NULL instead of an error; as a plain call, names inside it resolve like any other."""
    for node in list(tree.find_all(exp.SafeFunc)):
        node.replace(exp.Anonymous(this=SAFE_CALL, expressions=[node.this.copy()]))


def _physical(tree: exp.Expr) -> Iterator[exp.Table]:
    """Tables that are no CTE, in order; the same node once."""
    seen: set[int] = set()
    for scope in traverse_scope(tree):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and id(source) not in seen:
                seen.add(id(source))
                yield source


def _with_slots(tree: exp.Expr, warehouse: Warehouse) -> list[Scan]:
    scans: list[Scan] = []
    for number, table in enumerate(_physical(tree)):
        if not isinstance(table.this, exp.Identifier):
            raise BigQuerySqlError("Table-valued functions do not exist here.", reason="notFound")
        scan = _scan(f"__scan_{number}__", table, warehouse)
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(scan.view or scan.table, quoted=True)))
        table.set("this", exp.to_identifier(scan.slot))
        table.set("db", None)
        table.set("catalog", None)
        scans.append(scan)
    return scans


def _scan(slot: str, table: exp.Table, warehouse: Warehouse) -> Scan:
    parts = [part for name in (table.catalog, table.db, table.name) if name for part in name.split(".")]
    upper = [part.upper() for part in parts]
    if "INFORMATION_SCHEMA" in upper:
        at = upper.index("INFORMATION_SCHEMA")
        view, dataset = ".".join(upper[at + 1 :]), parts[at - 1] if at else ""
        if dataset.lower().startswith("region-") or dataset == PROJECT:
            dataset = ""
        if view not in information_schema.VIEWS:
            raise _missing(".".join(parts))
        return Scan(slot, dataset, view, view=view)
    if any("*" in part for part in parts):
        raise BigQuerySqlError("Wildcard tables are not available in the sandbox.", reason="notImplemented")
    *front, name = parts
    found = warehouse.find(name, *reversed(front[-2:]))
    if found is None:
        raise _missing(".".join(parts))
    return Scan(slot, found.dataset, found.name)


def _missing(name: str) -> BigQuerySqlError:
    return BigQuerySqlError(f"Not found: Table {name} was not found in the sandbox warehouse", reason="notFound")


def _table(scan: Scan, warehouse: Warehouse) -> WarehouseTable:
    found = warehouse.find(scan.table, scan.dataset)
    assert found is not None
    return found


def columns_of(scan: Scan, warehouse: Warehouse) -> dict[str, str]:
    """Column names of what a scan reads, as written in the catalog, with their BigQuery types."""
    if scan.view:
        return dict(information_schema.VIEWS[scan.view])
    return {column.name: column.type for column in _table(scan, warehouse).columns}


def _qualified(tree: exp.Query, scans: list[Scan], warehouse: Warehouse) -> exp.Query:
    mapping: dict[str, object] = {scan.slot: columns_of(scan, warehouse) for scan in scans}
    schema = MappingSchema(mapping, dialect=DIALECT)
    typed = annotate_types(qualify(tree, schema=schema, dialect=DIALECT), schema=schema, dialect=DIALECT)
    assert isinstance(typed, exp.Query)
    return typed


def _named(tree: exp.Query) -> exp.Query:
    """Give outputs without a name the one BigQuery gives them: f0_, f1_, ..."""
    first = tree
    while isinstance(first, exp.SetOperation | exp.Subquery):
        first = first.this
    unnamed = 0
    for item in list(first.selects):
        if not isinstance(item, exp.Alias | exp.Column | exp.Star | exp.Dot) and not item.is_star:
            item.replace(exp.alias_(item.copy(), f"f{unnamed}_"))
            unnamed += 1
    return tree


def _written_names(tree: exp.Expr) -> dict[str, str]:
    return {
        item.alias_or_name.lower(): item.alias_or_name
        for select in tree.find_all(exp.Select)
        for item in select.expressions
        if item.alias_or_name
    }


def _output_names(
    written: dict[str, str], qualified: exp.Query, scans: list[Scan], warehouse: Warehouse
) -> tuple[str, ...]:
    """Names in the letter case of the text, else of the catalog."""
    cased = {name.lower(): name for scan in scans for name in columns_of(scan, warehouse)} | written
    return tuple(cased.get(item.alias_or_name.lower(), item.alias_or_name) for item in qualified.selects)


def _observed(qualified: exp.Expr, scans: list[Scan]) -> tuple[Scan, ...]:
    """The scans with the columns and the conditions that reach each."""
    if not scans:
        return ()
    tree = pushdown_projections(pushdown_predicates(qualified.copy(), dialect=DIALECT))
    known = {scan.slot: scan for scan in scans}
    seen: dict[str, Scan] = {}
    for scope in traverse_scope(tree):
        conditions = tuple(_conditions(scope))
        for alias, source in scope.sources.items():
            if isinstance(source, exp.Table) and source.name in known:
                seen[source.name] = _watched(known[source.name], source, alias, scope, conditions)
    return tuple(seen.get(scan.slot, scan) for scan in scans)


def _watched(scan: Scan, source: exp.Table, alias: str, scope: Scope, conditions: tuple[exp.Expr, ...]) -> Scan:
    columns = {column.name.lower() for column in scope.source_columns(alias)}
    own = tuple(c.copy() for c in conditions if all(column.table == alias for column in c.find_all(exp.Column)))
    return Scan(scan.slot, scan.dataset, scan.table, scan.view, frozenset(columns), own, _share(source))


def _share(source: exp.Table) -> float:
    sample = source.args.get("sample")
    if sample is None or sample.args.get("percent") is None:
        return 1.0
    try:
        return min(1.0, float(sample.args["percent"].name) / 100)
    except ValueError:
        return 1.0


def _conditions(scope: Scope) -> Iterator[exp.Expr]:
    """What every row has to meet: the WHERE clause, and the ON of joins that keep no unmatched row of the source."""
    where = scope.expression.args.get("where") if isinstance(scope.expression, exp.Query) else None
    if where is not None:
        yield from where.this.flatten() if isinstance(where.this, exp.And) else (where.this,)
    for join in scope.expression.args.get("joins") or ():
        condition = join.args.get("on")
        if condition is not None and join.side in {"", "INNER"}:
            yield from condition.flatten() if isinstance(condition, exp.And) else (condition,)


def _refusal(error: SqlglotError) -> BigQuerySqlError:
    details = getattr(error, "errors", None) or [{}]
    line, column = details[0].get("line"), details[0].get("col")
    text = details[0].get("description") or str(error).split("\n")[0]
    place = f" at [{line}:{column}]" if line else ""
    prefix = "Syntax error: " if line else ""
    text = text.replace("Column ", "Unrecognized name: ").replace(" could not be resolved", "")
    return BigQuerySqlError(f"{prefix}{text}{place}", line=line, column=column)
