"""Names what a text is: from the root node either reader found, or from why there is none."""

from typing import Final

from apps.policies.contracts import Finding, StatementKind
from apps.policies.engine.statement import Shape

_ROOTS: Final[dict[StatementKind, str]] = {
    StatementKind.SELECT: "SelectStmt Select Union Except Intersect Subquery SetOperation Values Table From",
    StatementKind.INSERT: "InsertStmt Insert MultitableInserts",
    StatementKind.UPDATE: "UpdateStmt Update",
    StatementKind.DELETE: "DeleteStmt Delete",
    StatementKind.MERGE: "MergeStmt Merge",
    StatementKind.TRUNCATE: "TruncateStmt TruncateTable",
    StatementKind.GRANT: "GrantStmt GrantRoleStmt AlterDefaultPrivilegesStmt Grant Revoke",
    StatementKind.ROLE: "CreateRoleStmt AlterRoleStmt AlterRoleSetStmt DropRoleStmt ReassignOwnedStmt DropOwnedStmt"
    " CreateUserMappingStmt AlterUserMappingStmt DropUserMappingStmt",
    StatementKind.SCRIPT: "DoStmt Block Declare IfBlock WhileBlock Loop ForIn Execute ExecuteSql Return",
    StatementKind.CALL: "CallStmt Call",
    StatementKind.COPY: "CopyStmt Copy",
    StatementKind.EXPORT: "Export",
    StatementKind.LOAD: "LoadStmt LoadData",
    StatementKind.EXPLAIN: "ExplainStmt Describe",
    StatementKind.TRANSACTION: "TransactionStmt ConstraintsSetStmt Transaction Commit Rollback",
    StatementKind.SETTING: "VariableSetStmt VariableShowStmt DiscardStmt AlterSystemStmt AlterDatabaseSetStmt Set Use",
    StatementKind.LOCK: "LockStmt Lock",
    StatementKind.NOTIFY: "NotifyStmt ListenStmt UnlistenStmt",
    StatementKind.PREPARED: "PrepareStmt ExecuteStmt DeallocateStmt",
    StatementKind.CURSOR: "DeclareCursorStmt FetchStmt ClosePortalStmt",
    StatementKind.MAINTENANCE: "VacuumStmt CheckPointStmt ClusterStmt ReindexStmt RefreshMatViewStmt Analyze Refresh",
}
_BY_ROOT: Final = {root: kind for kind, roots in _ROOTS.items() for root in roots.split()}
_DEFINES: Final = (
    "Create",
    "Alter",
    "Drop",
    "Define",
    "Rename",
    "Comment",
    "SecLabel",
    "Index",
    "Rule",
    "View",
    "Import",
)
_WRITES: Final = {
    "InsertStmt": StatementKind.INSERT,
    "UpdateStmt": StatementKind.UPDATE,
    "DeleteStmt": StatementKind.DELETE,
    "MergeStmt": StatementKind.MERGE,
    "Insert": StatementKind.INSERT,
    "Update": StatementKind.UPDATE,
    "Delete": StatementKind.DELETE,
    "Merge": StatementKind.MERGE,
}
_BY_RULE: Final = {
    "empty": StatementKind.EMPTY,
    "single_statement": StatementKind.MULTIPLE,
    "characters": StatementKind.UNREADABLE,
}


def kind_of(shape: Shape | None, findings: tuple[Finding, ...]) -> StatementKind:
    """The kind of a reviewed text. A query that hides a write in a WITH is of the kind of that write."""
    if shape is None:
        return next((_BY_RULE[each.rule] for each in findings if each.rule in _BY_RULE), StatementKind.UNREADABLE)
    if not shape.root_allowed:
        return _of_root(shape.root)
    return next((_WRITES[use.name] for use in shape.unknown_nodes if use.name in _WRITES), StatementKind.SELECT)


def _of_root(root: str) -> StatementKind:
    if root in _BY_ROOT:
        return _BY_ROOT[root]
    return StatementKind.DDL if root.startswith(_DEFINES) else StatementKind.COMMAND
