"""Syntax that is not on the list of the dialect is blocked, wherever it stands in the tree."""

from collections.abc import Iterator

from apps.policies.contracts import Finding
from apps.policies.engine.statement import Context, Reading, block

NAME = "syntax_allowed"
_WORDS = {
    "intoClause": "SELECT INTO", "LockingClause": "a row lock (FOR UPDATE, FOR SHARE)", "DeleteStmt": "DELETE",
    "InsertStmt": "INSERT", "UpdateStmt": "UPDATE", "MergeStmt": "MERGE", "Command": "a command", "system variable":
    "a system variable", "Delete": "DELETE",
    "Insert": "INSERT", "Update": "UPDATE", "Merge": "MERGE", "Lock": "a row lock", "XmlExpr": "an XML constructor",
}  # fmt: skip


def check(reading: Reading, _context: Context) -> Iterator[Finding]:
    """Block each unlisted node once per kind."""
    seen: set[str] = set()
    for use in reading.shape.unknown_nodes:
        if use.name not in seen:
            seen.add(use.name)
            what = _WORDS.get(use.name, use.name)
            yield block(NAME, f"A read may not use {what}.", "Leave it out.", place=use.place)
