"""Reduces libpg_query's tree of one Postgres statement to the facts the rules use. Iterative: no recursion."""

from collections.abc import Iterator
from typing import Any, Final

from apps.policies.contracts import TableRef
from apps.policies.engine.postgres import catalogs, functions, nodes
from apps.policies.engine.postgres.tree import Node, Visit, place, walk, words
from apps.policies.engine.statement import NamedUse, Shape

_AGGREGATES: Final = frozenset(
    """count sum avg min max string_agg array_agg json_agg jsonb_agg bool_and bool_or""".split()  # noqa: SIM905
)
_JOINED: Final = frozenset({"RangeVar", "RangeSubselect", "RangeTableSample"})


def shape_of(statement: Node, text: str, *, statements: int) -> Shape:
    """The shape of one raw statement (`{"stmt": {...}}`)."""
    root, body = next(iter(statement["stmt"].items()))
    if root not in nodes.ROOTS:
        return Shape(statements, root, root_allowed=False)
    unknown: list[NamedUse] = []
    visits = list(walk(root, body, text, unknown))
    selects = [visit for visit in visits if visit.name == "SelectStmt"]
    relations = [visit for visit in visits if visit.name == "RangeVar"]
    refs = [_ref(visit.node) for visit in relations if not _is_cte(visit)]
    called = [visit for visit in visits if visit.name == "FuncCall"]
    unknown += _unlisted(visits, text)
    return Shape(
        statements=statements,
        root=root,
        root_allowed=True,
        unknown_nodes=tuple(unknown),
        unknown_functions=tuple(_unknown_functions(called, text)),
        tables=tuple(dict.fromkeys(ref for ref in refs if not catalogs.is_system(ref.dataset, ref.name))),
        names=frozenset((visit.node.get("schemaname", ""), visit.node.get("relname", "")) for visit in relations),
        row_locks=any(visit.node.get("lockingClause") for visit in selects),
        writes_into=any("intoClause" in visit.node for visit in selects),
        joins=max((_joins(visit.node) for visit in selects), default=0),
        nesting=max((visit.depth for visit in selects), default=0),
        row_limit=_literal_limit(body),
        has_limit="limitCount" in body,
        at_most=_at_most(body, makes_rows=bool(called)),
        single_row=_is_single_row(body),
        generators=tuple(_generators(called)),
        system_schemas=tuple(str(ref) for ref in refs if catalogs.is_closed(ref.dataset, ref.name)),
    )


def _is_cte(visit: Visit) -> bool:
    return not visit.node.get("schemaname") and visit.node.get("relname") in visit.ctes


def _ref(node: Node) -> TableRef:
    return TableRef(node.get("relname", ""), node.get("schemaname", ""), node.get("catalogname", ""))


def _unlisted(visits: list[Visit], text: str) -> Iterator[NamedUse]:
    """Operators of somebody's own schema, sampling methods (both are functions) and types that name roles."""
    for name, node, _, _ in visits:
        if name == "TypeName":
            schema, called = words(node.get("names", []))
            if called in functions.CLOSED_TYPES and schema in ("", "pg_catalog"):
                yield NamedUse(f"the type {called}", place=place(node, text))
        elif name in ("A_Expr", "SubLink", "SortBy"):
            parts = node.get("name") or node.get("operName") or node.get("useOp") or []
            if len(parts) > 1 and words(parts)[0] != "pg_catalog":
                yield NamedUse("an operator of another schema", place=place(node, text))
        elif name == "RangeTableSample":
            schema, method = words(node.get("method", []))
            if method not in functions.SAMPLING or schema not in ("", "pg_catalog"):
                yield NamedUse("an unknown sampling method", place=place(node, text))


def _unknown_functions(called: list[Visit], text: str) -> Iterator[NamedUse]:
    for visit in called:
        schema, name = words(visit.node.get("funcname", []))
        if not functions.is_allowed(schema, name, len(visit.node.get("args", ()))):
            yield NamedUse(name, schema, place(visit.node, text))


def _joins(select: Node) -> int:
    """Joins of one SELECT, commas counted; functions in FROM are none."""
    items, joins = list(select.get("fromClause", ())), 0
    tables = sum(next(iter(item)) in _JOINED or "JoinExpr" in item for item in items)
    while items:
        item = items.pop()
        if "JoinExpr" in item:
            node = item["JoinExpr"]
            joins += next(iter(node["rarg"])) in _JOINED or "JoinExpr" in node["rarg"]
            items += [node["larg"], node["rarg"]]
    return joins + max(0, tables - 1)


def _literal_limit(select: Node) -> int | None:
    return _integer(select.get("limitCount", {}))


def _at_most(select: Node, *, makes_rows: bool) -> int | None:
    """The literal LIMIT (ties come on top of one), or the one row of expressions that read and call nothing.

    Grouping sets make rows of nothing: one for each set.
    """
    if select.get("limitOption") == "LIMIT_OPTION_WITH_TIES":
        return None
    is_plain = not {"fromClause", "valuesLists", "groupClause"} & select.keys()
    is_one = is_plain and not makes_rows and select.get("op", "SETOP_NONE") == "SETOP_NONE"
    return 1 if is_one else _literal_limit(select)


def _integer(argument: Node) -> int | None:
    value = argument.get("A_Const", {}).get("ival")
    return int(value.get("ival", 0)) if isinstance(value, dict) else None


def _is_single_row(select: Node) -> bool:
    """An aggregate at the top of the select list without GROUP BY."""
    if "groupClause" in select or select.get("op", "SETOP_NONE") != "SETOP_NONE" or "fromClause" not in select:
        return False
    return any(_aggregates(target.get("ResTarget", {}).get("val", {})) for target in select.get("targetList", ()))


def _aggregates(value: dict[str, Any]) -> bool:
    call: Node = value.get("FuncCall", {})
    return bool(call) and "over" not in call and words(call.get("funcname", []))[1] in _AGGREGATES


def _generators(called: list[Visit]) -> Iterator[tuple[str, int | None]]:
    """Only literal integer bounds can be judged here; others are left to the timeout and the cursor."""
    for visit in called:
        if words(visit.node.get("funcname", []))[1] == "generate_series":
            bounds = [_integer(argument) for argument in visit.node.get("args", [])]
            if len(bounds) >= 2 and bounds[0] is not None and bounds[1] is not None:
                step = bounds[2] if len(bounds) > 2 and bounds[2] else 1
                yield "generate_series", max(0, (bounds[1] - bounds[0]) // step + 1)
