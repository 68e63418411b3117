"""Reduces libpg_query's tree of one Postgres statement to the facts the rules use. Iterative: no recursion."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from apps.policies.contracts import TableRef
from apps.policies.engine.postgres import functions, nodes
from apps.policies.engine.statement import NamedUse, Place, Shape, place_of

Node = dict[str, Any]
_SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema", "pg_toast"})
_OPEN_CATALOGS_WORDS: Final = """pg_class pg_attribute pg_namespace pg_type pg_index pg_constraint pg_description
pg_enum pg_attrdef pg_inherits pg_indexes pg_tables pg_views pg_matviews pg_policies
pg_proc pg_trigger pg_stats"""
_OPEN_CATALOGS: Final = frozenset(_OPEN_CATALOGS_WORDS.split())


class Visit(NamedTuple):
    """A named node on the way, with the names of the CTEs visible there and how many SELECTs stand around it."""

    name: str
    node: Node
    ctes: frozenset[str]
    depth: int


def shape_of(statement: Node, text: str, *, statements: int) -> Shape:
    """The shape of one raw statement (`{"stmt": {...}}`)."""
    root, body = next(iter(statement["stmt"].items()))
    if root not in nodes.ROOTS:
        return Shape(statements, root, root_allowed=False)
    unknown: list[NamedUse] = []
    visits = list(_walk(root, body, text, unknown))
    selects = [visit for visit in visits if visit.name == "SelectStmt"]
    tables = [visit for visit in visits if visit.name == "RangeVar"]
    refs = [_ref(visit.node) for visit in tables if not _is_cte(visit)]
    return Shape(
        statements=statements,
        root=root,
        root_allowed=True,
        unknown_nodes=tuple(unknown),
        unknown_functions=tuple(_unknown_functions(visits, text)),
        tables=tuple(dict.fromkeys(ref for ref in refs if ref.dataset not in _SYSTEM_SCHEMAS)),
        row_locks=any(visit.node.get("lockingClause") for visit in selects),
        writes_into=any("intoClause" in visit.node for visit in selects),
        joins=sum(visit.name == "JoinExpr" for visit in visits),
        nesting=max((visit.depth for visit in selects), default=0),
        row_limit=_literal_limit(body),
        has_limit="limitCount" in body,
        generators=tuple(_generators(visits)),
        system_schemas=tuple(_closed_catalogs(refs)),
    )


def _walk(root: str, body: Node, text: str, unknown: list[NamedUse]) -> Iterator[Visit]:
    """Every named node, parents first. Bare fields that are not on the list are reported as unknown nodes."""
    stack: list[Visit] = [Visit(root, body, frozenset(), 0)]
    while stack:
        visit = stack.pop()
        if visit.name not in nodes.ALLOWED:
            unknown.append(NamedUse(visit.name, place=_place(visit.node, text)))
            continue
        yield visit
        ctes = visit.ctes | _cte_names(visit.node)
        inner = visit.depth + (visit.name == "SelectStmt")
        for field, value in visit.node.items():
            if field in ("larg", "rarg") and visit.name == "SelectStmt":
                stack.append(Visit("SelectStmt", value, ctes, visit.depth))
                continue
            if field == "withClause":
                stack.extend(_with_queries(value, visit.ctes, unknown))
                continue
            stack.extend(_children(field, value, ctes, inner, unknown))


def _children(field: str, value: Any, ctes: frozenset[str], depth: int, unknown: list[NamedUse]) -> Iterator[Visit]:
    pending: list[tuple[str, Any]] = [(field, value)]
    while pending:
        name, item = pending.pop()
        if isinstance(item, list):
            pending.extend((name, each) for each in item)
        elif isinstance(item, dict):
            wrapped = [(key, inner) for key, inner in item.items() if key[0].isupper()]
            if wrapped:
                yield from (Visit(key, inner, ctes, depth) for key, inner in wrapped)
            elif item and name not in nodes.FIELDS:
                unknown.append(NamedUse(name))
            else:
                pending.extend(item.items())


def _with_queries(clause: Node, outer: frozenset[str], unknown: list[NamedUse]) -> Iterator[Visit]:
    """A CTE sees the ones before it; with RECURSIVE, all of them. Its nesting counts from zero."""
    names = [entry["CommonTableExpr"]["ctename"] for entry in clause.get("ctes", [])]
    for position, entry in enumerate(clause.get("ctes", [])):
        visible = names if clause.get("recursive") else names[:position]
        yield from _children("ctes", entry, outer | frozenset(visible), 0, unknown)


def _cte_names(node: Node) -> frozenset[str]:
    entries = node.get("withClause", {}).get("ctes", [])
    return frozenset(entry["CommonTableExpr"]["ctename"] for entry in entries)


def _is_cte(visit: Visit) -> bool:
    return not visit.node.get("schemaname") and visit.node.get("relname") in visit.ctes


def _ref(node: Node) -> TableRef:
    return TableRef(node.get("relname", ""), node.get("schemaname", ""), node.get("catalogname", ""))


def _place(node: Node, text: str) -> Place | None:
    """libpg_query counts bytes."""
    offset = node.get("location")
    if not isinstance(offset, int):
        return None
    return place_of(text, len(text.encode()[:offset].decode(errors="ignore")))


def _function(node: Node) -> tuple[str, str]:
    names = [part["String"]["sval"] for part in node.get("funcname", []) if "String" in part]
    return ".".join(names[:-1]), names[-1] if names else ""


def _unknown_functions(visits: list[Visit], text: str) -> Iterator[NamedUse]:
    for visit in visits:
        if visit.name == "FuncCall":
            schema, name = _function(visit.node)
            if schema not in functions.SCHEMAS or name not in functions.ALLOWED:
                yield NamedUse(name, schema, _place(visit.node, text))


def _literal_limit(select: Node) -> int | None:
    value = select.get("limitCount", {}).get("A_Const", {}).get("ival")
    return int(value.get("ival", 0)) if isinstance(value, dict) else None


def _generators(visits: list[Visit]) -> Iterator[tuple[str, int | None]]:
    """Only literal integer bounds can be judged here; others are left to the timeout and the cursor."""
    for visit in visits:
        if visit.name == "FuncCall" and _function(visit.node)[1] == "generate_series":
            bounds = [_integer(argument) for argument in visit.node.get("args", [])]
            if len(bounds) >= 2 and bounds[0] is not None and bounds[1] is not None:
                step = bounds[2] if len(bounds) > 2 and bounds[2] else 1
                yield "generate_series", max(0, (bounds[1] - bounds[0]) // step + 1)


def _integer(argument: Node) -> int | None:
    value = argument.get("A_Const", {}).get("ival")
    return int(value.get("ival", 0)) if isinstance(value, dict) else None


def _closed_catalogs(refs: list[TableRef]) -> Iterator[str]:
    """System tables that show other sessions, roles or tenants; the ones about one's own tables are open."""
    for ref in refs:
        is_system = ref.dataset in ("pg_catalog", "pg_toast") or (not ref.dataset and ref.name.startswith("pg_"))
        if is_system and ref.name not in _OPEN_CATALOGS:
            yield str(ref)
