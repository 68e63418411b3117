"""Walks libpg_query's tree without recursion and fails closed on what is on neither list of `nodes`."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from apps.policies.engine.postgres import nodes
from apps.policies.engine.statement import NamedUse, Place, place_of

Node = dict[str, Any]
_SET_OPERANDS: Final = ("larg", "rarg")
_CONTAINERS: Final = frozenset({dict, list})
_LEAVES: Final = frozenset({"ColumnRef", "A_Const", "String", "ParamRef", "A_Star", "Integer", "Alias"})
"""Allowed nodes that hold names and constants only: not visited, for they are half of a tree."""


class Visit(NamedTuple):
    """A named node on the way, with the names of the CTEs visible there and how many SELECTs stand around it."""

    name: str
    node: Node
    ctes: frozenset[str]
    depth: int


def walk(root: str, body: Node, text: str, unknown: list[NamedUse]) -> Iterator[Visit]:
    """Every named node, parents first. Nodes and bare fields that are not on a list go to `unknown`."""
    stack: list[Visit] = [Visit(root, body, frozenset(), 0)]
    while stack:
        visit = stack.pop()
        name, node = visit.name, visit.node
        if name not in nodes.ALLOWED:
            unknown.append(NamedUse(name, place=place(node, text)))
            continue
        yield visit
        is_select = name == "SelectStmt"
        ctes = visit.ctes | _cte_names(node["withClause"]) if "withClause" in node else visit.ctes
        inner = visit.depth + is_select
        for field, value in node.items():
            if field == "withClause":
                stack.extend(_with_queries(value, visit.ctes, unknown))
            elif is_select and field in _SET_OPERANDS:
                stack.append(Visit("SelectStmt", value, ctes, visit.depth))
            elif type(value) in _CONTAINERS:
                stack.extend(children(field, value, ctes, inner, unknown))


def children(field: str, value: Any, ctes: frozenset[str], depth: int, unknown: list[NamedUse]) -> Iterator[Visit]:
    """The nearest named nodes below a field."""
    pending: list[tuple[str, Any]] = [(field, value)]
    while pending:
        name, item = pending.pop()
        if isinstance(item, list):
            pending.extend((name, each) for each in item)
        elif isinstance(item, dict) and item:
            first = next(iter(item))
            if first in _LEAVES and len(item) == 1:
                continue
            if first[0].isupper():
                for key, inner in item.items():
                    yield Visit(key, inner, ctes, depth)
            elif name == "typeName":
                yield Visit("TypeName", item, ctes, depth)
            elif name not in nodes.FIELDS:
                unknown.append(NamedUse(name))
            else:
                pending.extend(item.items())


def _with_queries(clause: Node, outer: frozenset[str], unknown: list[NamedUse]) -> Iterator[Visit]:
    """A CTE sees the ones before it; with RECURSIVE, all of them. Its nesting counts from zero."""
    names = [entry["CommonTableExpr"]["ctename"] for entry in clause.get("ctes", [])]
    for position, entry in enumerate(clause.get("ctes", [])):
        visible = names if clause.get("recursive") else names[:position]
        yield from children("ctes", entry, outer | frozenset(visible), 0, unknown)


def _cte_names(clause: Node) -> frozenset[str]:
    return frozenset(entry["CommonTableExpr"]["ctename"] for entry in clause.get("ctes", []))


def place(node: Node, text: str) -> Place | None:
    """Where a node stands; libpg_query counts bytes."""
    offset = node.get("location", 0 if "location" in node else None)
    if not isinstance(offset, int):
        return None
    return place_of(text, len(text.encode()[:offset].decode(errors="ignore")))


def words(parts: list[Node]) -> tuple[str, str]:
    """(what stands before the last dot, the last name) of a list of String nodes."""
    names = [str(part["String"].get("sval", "")) for part in parts if "String" in part]
    return ".".join(names[:-1]), names[-1] if names else ""
