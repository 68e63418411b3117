"""Reduces a sqlglot tree of BigQuery SQL to the facts the rules use. One pass over the nodes, no recursion."""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery

from apps.policies.contracts import TableRef
from apps.policies.engine.bigquery import functions, nodes
from apps.policies.engine.bigquery.generators import generators_of
from apps.policies.engine.bigquery.scopes import Kind, Scope, Scopes, fold
from apps.policies.engine.statement import NamedUse, Place, Shape

_AS_WRITTEN: Final = BigQuery.ORIGINAL_NAME_META_KEY
"""Where sqlglot keeps the name of a function as the text has it."""


def shape_of(tree: exp.Expr, *, statements: int) -> Shape:
    """The shape of one parsed statement."""
    if not isinstance(tree, nodes.QUERIES):
        return Shape(statements, type(tree).__name__, root_allowed=False)
    scopes = Scopes(tree)
    found = _Found(scopes.nodes())
    placed = {id(source.node) for scope in scopes.scopes for source in scope.sources if source.kind is not Kind.TABLE}
    tables = [table for table in reversed(found.tables) if id(table) not in placed and table.name]
    outer = limit_carrier(tree)
    limit = outer.args.get("limit")
    return Shape(
        statements=statements,
        root=type(tree).__name__,
        root_allowed=True,
        unknown_nodes=tuple(found.nodes),
        unknown_functions=tuple(found.functions),
        tables=tuple(dict.fromkeys(ref_of(table) for table in tables)),
        joins=max((_joins(scope) for scope in scopes.scopes), default=0),
        nesting=max((scope.depth for scope in scopes.scopes), default=0),
        row_limit=literal_limit(limit),
        has_limit=limit is not None,
        single_row=is_single_row(outer),
        grouped=isinstance(outer, exp.Select) and outer.args.get("group") is not None,
        generators=tuple(generators_of(found.calls)),
        system_schemas=tuple(str(ref_of(table)) for table in tables if _is_system(table)),
        wildcards=tuple(str(ref_of(table)) for table in tables if "*" in table.name),
        parameters=tuple(dict.fromkeys(found.parameters)),
        scopes=scopes,
    )


class _Found:
    """What one walk over the nodes found."""

    def __init__(self, every: Iterable[exp.Expr]) -> None:
        self.nodes: list[NamedUse] = []
        self.functions: list[NamedUse] = []
        self.tables: list[exp.Table] = []
        self.calls: list[exp.Func] = []
        self.parameters: list[str] = []
        for node in every:
            kind = type(node)
            if kind in nodes.PLAIN:
                continue
            if isinstance(node, exp.Func):
                self._call(node)
            elif kind not in nodes.ALLOWED:
                self.nodes.append(NamedUse(kind.__name__, place=place(node)))
            else:
                self._look(node)

    def _look(self, node: exp.Expr) -> None:
        if isinstance(node, exp.Table):
            self.tables.append(node)
            if isinstance(node.this, exp.Func):
                self.nodes.append(NamedUse(f"table function {_written(node.this)[0]}", place=place(node)))
        elif isinstance(node, exp.Identifier):
            if node.this.startswith("@@"):
                self.nodes.append(NamedUse("system variable", place=place(node)))
        elif isinstance(node, exp.Parameter):
            if isinstance(node.this, exp.Parameter):
                self.nodes.append(NamedUse("system variable", place=place(node)))
            elif not isinstance(node.parent, exp.Parameter):
                self.parameters.append(f"@{fold(node.name)}")
        elif isinstance(node, exp.Placeholder):
            self.parameters.append("?" if not node.this else f":{node.name}")

    def _call(self, node: exp.Func) -> None:
        if type(node) in functions.CLASSES and not _is_spaced(node) and _is_named_as_listed(node):
            self.calls.append(node)
            return
        name, namespace = _written(node)
        if not functions.is_listed(name, namespace):
            self.functions.append(NamedUse(name, namespace, place(node)))


def limit_carrier(tree: exp.Expr) -> exp.Expr:
    """The outermost query: brackets around it are looked through unless they carry the LIMIT themselves."""
    while isinstance(tree, exp.Subquery) and tree.args.get("limit") is None:
        tree = tree.this
    return tree


def place(node: exp.Expr) -> Place | None:
    """Where in the text the node, or the first thing in it that knows, was written."""
    for each in node.walk(bfs=False):
        line = each.meta.get("line")
        if line:
            return Place(int(line), max(1, int(each.meta.get("col", 1)) - len(each.name) + 1))
    return None


def _is_named_as_listed(node: exp.Func) -> bool:
    """sqlglot writes some functions as they were written: `LEN` and `ſum` are of listed classes and no such name."""
    name = node.meta.get(_AS_WRITTEN)
    return name is None or functions.is_listed(str(name))


def _is_spaced(node: exp.Func) -> bool:
    """Whether something stands before the function's name and a dot."""
    parent = node.parent
    return isinstance(parent, exp.NetFunc) or (isinstance(parent, exp.Dot) and parent.expression is node)


def _written(node: exp.Func) -> tuple[str, str]:
    """Name and namespace of a function as BigQuery has them, upper case."""
    anonymous = isinstance(node, exp.Anonymous | exp.AnonymousAggFunc)
    name = _upper(str(node.name if anonymous else node.meta.get(_AS_WRITTEN) or node.sql_names()[0]))
    parent = node.parent
    if isinstance(parent, exp.NetFunc):
        return name, "NET"
    if isinstance(parent, exp.Dot) and parent.expression is node:
        return name, _upper(_path(parent.this))
    return name, ""


def _upper(name: str) -> str:
    """Upper case; a name that is not ASCII stays itself and is on no list."""
    return name.upper() if name.isascii() else name


def _path(node: exp.Expr) -> str:
    """`a.b` of names; empty for a value, as in `(x).upper()`, which calls nothing but a function of that name."""
    if isinstance(node, exp.Identifier | exp.Column | exp.Dot):
        return str(node.sql("bigquery")).replace("`", "")
    return ""


def ref_of(table: exp.Table) -> TableRef:
    """The table as the SQL names it, a path in backticks taken apart."""
    parts = [part for whole in table.parts for part in whole.name.split(".")]
    if len(parts) > 3 or any(part == "" for part in parts):
        return TableRef(".".join(parts))
    return TableRef(*reversed(parts))


def _joins(scope: Scope) -> int:
    """Joins of one SELECT; an array of a row is none."""
    return max(0, sum(source.kind is not Kind.ARRAY for source in scope.sources) - 1)


def literal_limit(limit: exp.Expr | None) -> int | None:
    """The rows of a LIMIT that is a plain number."""
    value = limit.expression if isinstance(limit, exp.Limit) else None
    digits = value.name if isinstance(value, exp.Literal) and not value.is_string else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 19 else None


def is_single_row(query: exp.Expr) -> bool:
    """An aggregate without GROUP BY, or a SELECT of constants without FROM."""
    if not isinstance(query, exp.Select) or query.args.get("group") is not None:
        return False
    if query.args.get("from_") is None:
        return True
    return any(_aggregates(item) for item in query.expressions)


def _aggregates(item: exp.Expr) -> bool:
    """Whether an aggregate of this SELECT itself stands in the item: not a window's, not one of a subquery."""
    todo = [item]
    while todo:
        node = todo.pop()
        if isinstance(node, exp.Window):
            todo.extend(node.this.iter_expressions())
        elif isinstance(node, exp.AggFunc):
            return True
        elif not isinstance(node, exp.Query):
            todo.extend(node.iter_expressions())
    return False


def _is_system(table: exp.Table) -> bool:
    names = [part.upper() for whole in table.parts for part in whole.name.split(".")]
    return "INFORMATION_SCHEMA" in names or names[-1] in ("__TABLES__", "__TABLES_SUMMARY__")


def outputs_of(select: exp.Select) -> Iterator[tuple[str, exp.Expr]]:
    """Name (folded) and expression of each column a SELECT gives; a star comes as it is."""
    for item in select.expressions:
        yield fold(item.alias_or_name), item.unalias()
