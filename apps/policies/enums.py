"""The closed vocabularies of the gate: purposes, targets, dialects, outcomes. No import of the app."""

from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    """Why a statement runs. All but READ exist only on a tenant's own studio project."""

    READ = "read"
    GRID_EDIT = "grid_edit"
    WRITE = "write"
    DDL = "ddl"
    MIGRATION = "migration"
    RESTORE = "restore"


class Dialect(StrEnum):
    """The language a connector understands."""

    BIGQUERY = "bigquery"
    POSTGRES = "postgres"


class StatementKind(StrEnum):
    """What a text is, whatever was decided about it. Closed; the README of policies says what each stands for."""

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    MERGE = "merge"
    TRUNCATE = "truncate"
    DDL = "ddl"
    GRANT = "grant"
    ROLE = "role"
    SCRIPT = "script"
    CALL = "call"
    COPY = "copy"
    EXPORT = "export"
    LOAD = "load"
    EXPLAIN = "explain"
    TRANSACTION = "transaction"
    SETTING = "setting"
    LOCK = "lock"
    NOTIFY = "notify"
    PREPARED = "prepared"
    CURSOR = "cursor"
    MAINTENANCE = "maintenance"
    COMMAND = "command"
    MULTIPLE = "multiple"
    EMPTY = "empty"
    UNREADABLE = "unreadable"


class TargetKind(StrEnum):
    """What stands behind the connector. The last two are *real* execution, behind ALLOW_REAL_QUERY_EXECUTION."""

    STUDIO_PROJECT = "studio_project"
    SANDBOX = "sandbox"
    EMULATOR = "emulator"
    LIVE_WAREHOUSE = "live_warehouse"
    EXTERNAL_POSTGRES = "external_postgres"

    @property
    def is_real(self) -> bool:
        return self in (TargetKind.LIVE_WAREHOUSE, TargetKind.EXTERNAL_POSTGRES)


class SigningTarget(StrEnum):
    """What a signed object acts on, where it is no connector (`TargetKind`)."""

    SIMULATED_DEPLOY = "simulated_deploy"
    LIVE_DEPLOY = "live_deploy"


class Outcome(StrEnum):
    """What one rule did. Ordered by severity in SEVERITY below."""

    NOTE = "note"
    FIX = "fix"
    ASK = "ask"
    BLOCK = "block"


class Refusal(StrEnum):
    """Why a request may not run; decides the HTTP status of the answer."""

    POLICY = "policy"
    BUDGET = "budget"
    RATE = "rate"
    GATE_CLOSED = "gate_closed"
    UPSTREAM = "upstream"


class Accuracy(StrEnum):
    """How an estimate relates to the bytes that will be billed."""

    PRECISE = "precise"
    UPPER_BOUND = "upper_bound"
    LOWER_BOUND = "lower_bound"
    PLANNER = "planner"


class ApprovalKind(StrEnum):
    """What a person has to say yes to."""

    OVER_CAP = "over_cap"
    PII_CLEAR = "pii_clear"
    PII_FILTER = "pii_filter"
    COMPLEXITY = "complexity"
    DESTRUCTIVE = "destructive"
    READERS_DISAGREE = "readers_disagree"
    MISSING_FILTER = "missing_filter"
    MIGRATION = "migration"
    ROLE_CHANGE = "role_change"
    RESTORE = "restore"
    PACKAGE_DEPLOY = "package_deploy"


ALONE: Final = frozenset({ApprovalKind.OVER_CAP, ApprovalKind.COMPLEXITY})
"""What the requester may confirm alone, holding the scope; everything else takes another person."""

REUSABLE: Final = frozenset({ApprovalKind.COMPLEXITY, ApprovalKind.READERS_DISAGREE, ApprovalKind.MISSING_FILTER})
"""What holds for every run of the same statement until it expires; everything else is used once."""
