"""Walks libpg_query's tree without recursion and fails closed on what is on neither list of `nodes`."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from apps.policies.engine.postgres import nodes
from apps.policies.engine.statement import NamedUse, Place, place_of

Node = dict[str, Any]
_SET_OPERANDS: Final = ("larg", "rarg")
_LEAVES: Final = frozenset({"ColumnRef", "A_Const", "String", "ParamRef", "A_Star", "Integer", "Alias"})
"""Allowed nodes that hold names and constants only: not visited, for they are half of a tree."""


_Step = tuple[str, Node, frozenset[str], int]
_LOOKED_AT: Final = frozenset(
    {"SelectStmt", "RangeVar", "FuncCall", "TypeName", "A_Expr", "SubLink", "SortBy", "RangeTableSample"}
)
"""What somebody asks `walk` for; the rest is only walked through."""


class Visit(NamedTuple):
    """A named node on the way, with the names of the CTEs visible there and how many SELECTs stand around it."""

    name: str
    node: Node
    ctes: frozenset[str]
    depth: int


def walk(root: str, body: Node, text: str, unknown: list[NamedUse]) -> Iterator[Visit]:
    """The nodes that are looked at, parents first. Nodes and bare fields that are not on a list go to `unknown`."""
    stack: list[_Step] = [(root, body, frozenset(), 0)]
    while stack:
        name, node, outer, depth = stack.pop()
        if name not in nodes.ALLOWED:
            unknown.append(NamedUse(name, place=place(node, text)))
            continue
        if name in _LOOKED_AT:
            yield Visit(name, node, outer, depth)
        is_select, ctes = name == "SelectStmt", outer
        if "withClause" in node:
            ctes = outer | _cte_names(node["withClause"])
        for field, value in node.items():
            if field == "withClause":
                stack.extend(_with_queries(value, outer, unknown))
            elif is_select and field in _SET_OPERANDS:
                stack.append(("SelectStmt", value, ctes, depth))
            elif type(value) is dict or type(value) is list:
                _children(stack, field, value, ctes, depth + is_select, unknown)


def _children(
    into: list[_Step], field: str, value: Any, ctes: frozenset[str], depth: int, unknown: list[NamedUse]
) -> None:
    """Puts the nearest named nodes below a field on the stack."""
    pending: list[tuple[str, Any]] = [(field, value)]
    while pending:
        name, item = pending.pop()
        if type(item) is list:
            pending += [(name, each) for each in item]
        elif type(item) is dict and item:
            first = next(iter(item))
            if first in _LEAVES and len(item) == 1:
                continue
            if first[0].isupper():
                into += [(key, inner, ctes, depth) for key, inner in item.items()]
            elif name == "typeName":
                into.append(("TypeName", item, ctes, depth))
            elif name not in nodes.FIELDS:
                unknown.append(NamedUse(name))
            else:
                pending += item.items()


def _with_queries(clause: Node, outer: frozenset[str], unknown: list[NamedUse]) -> list[_Step]:
    """A CTE sees the ones before it; with RECURSIVE, all of them. Its nesting counts from zero."""
    steps: list[_Step] = []
    names = [entry["CommonTableExpr"]["ctename"] for entry in clause.get("ctes", [])]
    for position, entry in enumerate(clause.get("ctes", [])):
        visible = names if clause.get("recursive") else names[:position]
        _children(steps, "ctes", entry, outer | frozenset(visible), 0, unknown)
    return steps


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
