"""Reduces a sqlglot tree of BigQuery SQL to the facts the rules use. Iterative: depth is no concern here."""

from collections.abc import Iterator

from sqlglot import exp

from apps.policies.contracts import TableRef
from apps.policies.engine.bigquery import functions, nodes
from apps.policies.engine.statement import NamedUse, Place, Shape


def shape_of(tree: exp.Expr, *, statements: int) -> Shape:
    """The shape of one parsed statement."""
    if not isinstance(tree, nodes.QUERIES):
        return Shape(statements, type(tree).__name__, root_allowed=False)
    every = list(tree.walk(bfs=False))
    tables = [node for node in every if isinstance(node, exp.Table)]
    outer = limit_carrier(tree)
    limit = outer.args.get("limit")
    return Shape(
        statements=statements,
        root=type(tree).__name__,
        root_allowed=True,
        unknown_nodes=tuple(_unknown_nodes(every)),
        unknown_functions=tuple(_unknown_functions(every)),
        tables=tuple(dict.fromkeys(_ref(table) for table in tables if _is_real(table))),
        joins=_joins(every),
        nesting=_nesting(every),
        row_limit=_literal_limit(limit),
        has_limit=limit is not None,
        single_row=_is_single_row(outer),
        grouped=isinstance(outer, exp.Select) and outer.args.get("group") is not None,
        generators=tuple(_generators(every)),
        system_schemas=tuple(str(_ref(table)) for table in tables if _is_system(table)),
        wildcards=tuple(str(_ref(table)) for table in tables if "*" in table.name),
        has_suffix_filter=_has_suffix_filter(every),
    )


def limit_carrier(tree: exp.Expr) -> exp.Expr:
    """The outermost query: brackets around it are looked through unless they carry the LIMIT themselves."""
    while isinstance(tree, exp.Subquery) and tree.args.get("limit") is None:
        tree = tree.this
    return tree


def _place(node: exp.Expr) -> Place | None:
    for each in node.walk(bfs=False):
        line = each.meta.get("line")
        if line:
            return Place(int(line), max(1, int(each.meta.get("col", 1)) - len(each.name) + 1))
    return None


def _unknown_nodes(every: list[exp.Expr]) -> Iterator[NamedUse]:
    for node in every:
        if not isinstance(node, exp.Func) and type(node) not in nodes.ALLOWED:
            yield NamedUse(type(node).__name__, place=_place(node))
        elif isinstance(node, exp.Table) and isinstance(node.this, exp.Func):
            yield NamedUse(f"table function {_function_name(node.this)}", place=_place(node))
        elif isinstance(node, exp.Identifier) and node.this.startswith("@@"):
            yield NamedUse("system variable", place=_place(node))


def _unknown_functions(every: list[exp.Expr]) -> Iterator[NamedUse]:
    for node in every:
        if not isinstance(node, exp.Func):
            continue
        name, namespace = _function_name(node), _namespace(node)
        known = type(node) in functions.CLASSES or (isinstance(node, exp.Anonymous) and name in functions.NAMES)
        if namespace:
            listed = functions.NAMESPACES.get(namespace, frozenset())
            known = known if listed is None else name in listed
        if not known:
            yield NamedUse(name, namespace, _place(node))


def _function_name(node: exp.Func) -> str:
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return str(node.name).upper()
    return str(node.sql_names()[0]).upper()


def _namespace(node: exp.Func) -> str:
    parent = node.parent
    if isinstance(parent, exp.Dot) and parent.expression is node:
        return str(parent.this.sql("bigquery")).replace("`", "").upper()
    return ""


def _ref(table: exp.Table) -> TableRef:
    parts = [part for whole in table.parts for part in whole.name.split(".")]
    if len(parts) > 3 or any(part == "" for part in parts):
        return TableRef(".".join(parts))
    return TableRef(*reversed(parts))


def _is_real(table: exp.Table) -> bool:
    """Not a common table expression in scope, an unnested column or a table function."""
    if isinstance(table.this, exp.Func) or not table.name:
        return False
    if table.db or "." in table.name:
        return not _is_correlated_array(table)
    return not _names_cte(table)


def _names_cte(table: exp.Table) -> bool:
    """Walk outwards: a CTE is visible to what stands beside it in WITH after it, and to the query below it."""
    node: exp.Expr = table
    while node.parent is not None:
        with_ = node.parent.args.get("with_") or node.parent.args.get("with")
        if isinstance(node.parent, exp.With):
            siblings = node.parent.expressions
            visible = siblings if node.parent.recursive else siblings[: _index(siblings, node)]
            if _has_cte(visible, table.name):
                return True
        elif with_ is not None and with_ is not node and _has_cte(with_.expressions, table.name):
            return True
        node = node.parent
    return False


def _index(siblings: list[exp.Expr], node: exp.Expr) -> int:
    return next(position for position, each in enumerate(siblings) if each is node)


def _has_cte(ctes: list[exp.Expr], name: str) -> bool:
    return any(cte.alias.lower() == name.lower() for cte in ctes)


def _is_correlated_array(table: exp.Table) -> bool:
    """`FROM t, t.items`: the second is an array of the first, not a table in a dataset called t."""
    select = table.find_ancestor(exp.Select)
    first = table.parts[0].name.lower()
    if select is None or not isinstance(table.parent, exp.Join):
        return False
    from_ = select.args.get("from_") or select.args.get("from")
    sources = [from_.this] if from_ else []
    sources += [join.this for join in select.args.get("joins") or [] if join is not table.parent]
    return any(isinstance(source, exp.Table | exp.Subquery) and source.alias.lower() == first for source in sources)


def _joins(every: list[exp.Expr]) -> int:
    """Most joins in one SELECT; UNNEST of an array is none."""
    counts = [
        sum(not isinstance(join.this, exp.Unnest) for join in node.args.get("joins") or [])
        for node in every
        if isinstance(node, exp.Select)
    ]
    return max(counts, default=0)


def _nesting(every: list[exp.Expr]) -> int:
    """How many SELECTs stand around the innermost one, common table expressions and set operations not counted."""
    deepest = 0
    depths: dict[int, int] = {}
    for node in every:  # parents come before children
        depth = depths.get(id(node.parent), -1) if node.parent is not None else -1
        if isinstance(node, exp.CTE):
            depth = -1
        if isinstance(node, exp.Select):
            depth += 1
        depths[id(node)] = depth
        deepest = max(deepest, depth)
    return deepest


def _literal_limit(limit: exp.Expr | None) -> int | None:
    value = limit.expression if isinstance(limit, exp.Limit) else None
    return int(value.name) if isinstance(value, exp.Literal) and value.name.isdigit() else None


def _is_single_row(query: exp.Expr) -> bool:
    """An aggregate without GROUP BY, or a SELECT of constants without FROM."""
    if not isinstance(query, exp.Select) or query.args.get("group") is not None:
        return False
    if (query.args.get("from_") or query.args.get("from")) is None:
        return not any(isinstance(item, exp.Unnest) for item in query.find_all(exp.Unnest))
    return any(_aggregates(item) for item in query.expressions)


def _aggregates(item: exp.Expr) -> bool:
    select = item.find_ancestor(exp.Select)
    return any(
        node.find_ancestor(exp.Select) is select and not _is_windowed(node) for node in item.find_all(exp.AggFunc)
    )


def _is_windowed(node: exp.Expr) -> bool:
    parent = node.parent
    while isinstance(parent, exp.IgnoreNulls | exp.RespectNulls | exp.HavingMax):
        parent = parent.parent
    return isinstance(parent, exp.Window)


def _generators(every: list[exp.Expr]) -> Iterator[tuple[str, int | None]]:
    for node in every:
        if isinstance(node, exp.GenerateSeries):
            yield "GENERATE_ARRAY", _literal_span(node.args.get("start"), node.args.get("end"), node.args.get("step"))


def _literal_span(start: exp.Expr | None, end: exp.Expr | None, step: exp.Expr | None) -> int | None:
    bounds = [_number(start), _number(end), 1.0 if step is None else _number(step)]
    if None in bounds or not bounds[2]:
        return None
    low, high, pace = (float(bound or 0) for bound in bounds)
    return max(0, int((high - low) / pace) + 1)


def _number(node: exp.Expr | None) -> float | None:
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return -inner if inner is not None else None
    if isinstance(node, exp.Literal) and not node.is_string:
        return float(node.name)
    return None


def _is_system(table: exp.Table) -> bool:
    names = [part.name.upper() for part in table.parts]
    return any("INFORMATION_SCHEMA" in name for name in names) or names[-1] in ("__TABLES__", "__TABLES_SUMMARY__")


def _has_suffix_filter(every: list[exp.Expr]) -> bool:
    return any(
        isinstance(node, exp.Column) and node.name.upper() == "_TABLE_SUFFIX" and node.find_ancestor(exp.Where)
        for node in every
    )
