"""Only a query may stand at the root: everything else writes, defines, scripts or administers."""

from collections.abc import Iterator

from apps.policies.contracts import Finding
from apps.policies.engine.statement import Context, Reading, block

NAME = "read_only"
_KINDS = {
    "Insert": "INSERT", "InsertStmt": "INSERT", "Update": "UPDATE", "UpdateStmt": "UPDATE", "Delete": "DELETE",
    "DeleteStmt": "DELETE", "Merge": "MERGE", "MergeStmt": "MERGE", "Create": "CREATE", "CreateStmt": "CREATE TABLE",
    "Drop": "DROP", "DropStmt": "DROP", "Alter": "ALTER", "AlterTableStmt": "ALTER TABLE", "TruncateTable": "TRUNCATE",
    "TruncateStmt": "TRUNCATE", "Grant": "GRANT", "GrantStmt": "GRANT or REVOKE", "GrantRoleStmt": "GRANT or REVOKE",
    "Copy": "COPY", "CopyStmt": "COPY", "ExplainStmt": "EXPLAIN", "CallStmt": "CALL", "DoStmt": "DO",
    "Export": "EXPORT",
    "LoadData": "LOAD", "VariableSetStmt": "SET", "VariableShowStmt": "SHOW", "LockStmt": "LOCK",
    "NotifyStmt": "NOTIFY", "ListenStmt": "LISTEN", "TransactionStmt": "transaction control",
    "Transaction": "transaction control", "CreateTableAsStmt": "CREATE TABLE AS", "CreateRoleStmt": "CREATE ROLE",
    "Command": "a script or a command", "Declare": "scripting", "Set": "SET",
}  # fmt: skip


def check(reading: Reading, _context: Context) -> Iterator[Finding]:
    """Block a root that is not a query."""
    if not reading.shape.root_allowed:
        kind = _KINDS.get(reading.shape.root, "not a query")
        yield block(NAME, f"Only a single SELECT can run here; this is {kind}.", "Write it as a SELECT.")
