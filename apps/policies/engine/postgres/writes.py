"""Statements that write or define, on a studio project: which exist, which are destructive, which stay closed.

By allow-list of roots per purpose. Everything below a root is walked: calls, types, system tables and statements inside
statements. Scripting, functions and procedures, COPY, roles, settings and extensions are on no list, so blocked.
"""

from collections.abc import Iterator
from typing import Any, Final

from apps.policies.contracts import ApprovalKind, Finding, Outcome, Purpose
from apps.policies.engine.postgres import catalogs, functions
from apps.policies.engine.postgres.tree import Node, place, words
from apps.policies.engine.statement import Place, block, place_of

NAME: Final = "write_allowed"
DESTRUCTIVE: Final = "destructive"

_DATA: Final = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt"})
_BULK: Final = frozenset({"MergeStmt", "TruncateStmt"})
_CREATES_WORDS: Final = """CreateStmt CreateSchemaStmt CreateTableAsStmt IndexStmt ViewStmt CreateSeqStmt
CreateEnumStmt CompositeTypeStmt CreateDomainStmt CreateStatsStmt CommentStmt"""
_CREATES: Final = frozenset(_CREATES_WORDS.split())
_CHANGES_WORDS: Final = """AlterTableStmt AlterEnumStmt AlterDomainStmt AlterSeqStmt AlterObjectSchemaStmt
AlterPolicyStmt AlterStatsStmt RenameStmt DropStmt GrantStmt CreatePolicyStmt CreateTrigStmt CreateRangeStmt
RefreshMatViewStmt"""
_CHANGES: Final = frozenset(_CHANGES_WORDS.split())
ROOTS: Final[dict[Purpose, frozenset[str]]] = {
    Purpose.GRID_EDIT: _DATA,
    Purpose.WRITE: _DATA | _BULK,
    Purpose.DDL: _CREATES | _CHANGES,
    Purpose.MIGRATION: _DATA | _BULK | _CREATES | _CHANGES,
    Purpose.RESTORE: _DATA | _BULK | _CREATES | _CHANGES,
}
_INSIDE: Final = _DATA | {"MergeStmt", "SelectStmt"}
_ALSO_CALLED: Final = frozenset({"nextval", "setval", "current_setting"})
"""What defaults and row policies need, besides what a read may call."""


def findings_of(statements: list[Node], text: str, purpose: Purpose) -> Iterator[Finding]:
    """What there is to say about each statement in turn: blocks, and what another person has to agree to."""
    raw = text.encode()
    for statement in statements:
        start = len(raw[: statement.get("stmt_location", 0)].decode(errors="ignore"))
        start += len(text[start:]) - len(text[start:].lstrip())
        root, body = next(iter(statement["stmt"].items()))
        yield from _findings(root, body, text, purpose, place_of(text, start))


def _findings(root: str, body: Node, text: str, purpose: Purpose, at: Place) -> Iterator[Finding]:
    if root not in ROOTS[purpose] or _changes_owner(root, body):
        yield block(NAME, f"A statement of this kind cannot run as “{purpose.value}”.", place=at)
        return
    every = list(_nodes(body))
    yield from _closed(root, every, text)
    if purpose is Purpose.RESTORE or _is_destructive(root, body, every, purpose):
        yield Finding(
            DESTRUCTIVE, Outcome.ASK, "This changes or removes what is there.",
            "Do a dry run, then let another person approve it.", line=at.line, column=at.column,
            approval=ApprovalKind.DESTRUCTIVE,
        )  # fmt: skip


def _nodes(body: Node) -> Iterator[tuple[str, Any]]:
    """(name, node) of everything below, bare fields included."""
    pending: list[Any] = [body]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            yield from item.items()
            pending.extend(item.values())


def _closed(root: str, every: list[tuple[str, Any]], text: str) -> Iterator[Finding]:
    inside = ROOTS[Purpose.DDL] if root == "CreateSchemaStmt" else frozenset()
    for name, node in every:
        if name == "FuncCall":
            schema, called = words(node.get("funcname", []))
            extra = schema in ("", "pg_catalog") and called in _ALSO_CALLED
            if not extra and not functions.is_allowed(schema, called, len(node.get("args", ()))):
                yield block(
                    "function_allowed", f"The function {called} is not on the list of functions that may be called.",
                    place=place(node, text),
                )  # fmt: skip
        elif name[0].isupper() and name.endswith("Stmt") and name not in _INSIDE and name not in inside:
            yield block(NAME, "This statement holds another one that cannot run here.")
        elif isinstance(node, dict) and "relname" in node and _is_system(node):
            yield block("system_tables", "Postgres' own tables are not written to or shown.", place=place(node, text))
        elif isinstance(node, dict) and _type_of(node) in functions.CLOSED_TYPES:
            yield block("syntax_allowed", "Types that name roles cannot be used.", place=place(node, text))


def _type_of(node: Node) -> str:
    names = node.get("names")
    return words([each for each in names if isinstance(each, dict)])[1] if isinstance(names, list) else ""


def _is_system(relation: Node) -> bool:
    schema, name = relation.get("schemaname", ""), relation.get("relname", "")
    return catalogs.is_closed(schema, name) or schema in ("pg_catalog", "information_schema")


def _changes_owner(root: str, body: Node) -> bool:
    """A table's owner is a role: giving it away is no change of the table."""
    commands = [each.get("AlterTableCmd", {}) for each in body.get("cmds", ())] if root == "AlterTableStmt" else []
    return any(command.get("subtype") == "AT_ChangeOwner" for command in commands)


def _is_destructive(root: str, body: Node, every: list[tuple[str, Any]], purpose: Purpose) -> bool:
    if root in _CHANGES or root in _BULK or body.get("replace"):
        return True
    if any(name in ("UpdateStmt", "DeleteStmt", "MergeStmt") for name, _ in every):
        return True
    if root == "InsertStmt":
        return bool(body.get("onConflictClause", {}).get("action") == "ONCONFLICT_UPDATE")
    return root in ("UpdateStmt", "DeleteStmt") and not (purpose is Purpose.GRID_EDIT and _is_keyed(body))


def _is_keyed(body: Node) -> bool:
    """WHERE compares bare columns with values by `=` and nothing else, so it names rows one by one."""
    pending, names = [body.get("whereClause", {})], 0
    if {"fromClause", "usingClause", "withClause"} & set(body):
        return False
    while pending:
        node = pending.pop()
        if node.get("BoolExpr", {}).get("boolop") == "AND_EXPR":
            pending += node["BoolExpr"].get("args", [])
            continue
        comparison = node.get("A_Expr", {})
        is_equality = words(comparison.get("name", []))[1] == "=" and comparison.get("kind") in (
            "AEXPR_OP", "AEXPR_NOT_DISTINCT"
        )  # fmt: skip
        if not is_equality or "ColumnRef" not in comparison.get("lexpr", {}) or not _is_value(comparison.get("rexpr")):
            return False
        names += 1
    return names > 0


def _is_value(node: Any) -> bool:
    while isinstance(node, dict) and "TypeCast" in node:
        node = node["TypeCast"].get("arg", {})
    return isinstance(node, dict) and bool({"A_Const", "ParamRef"} & set(node))
