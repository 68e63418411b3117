"""What crosses the border of `policies`: the request to execute, what the gate may ask, and its decision.

A decision is a frozen value that only `services.gate` can construct. A connector takes a `Permit` (Allow | Rewrite)
and runs exactly `permit.sql`; there is no other way to execute. No Django here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, asdict, dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, NoReturn, Protocol
from uuid import UUID

import orjson

from apps.core.actor import Actor
from apps.policies._seal import SEAL
from apps.policies.engine.pii.tracing.marks import Traced
from apps.policies.enums import (
    Accuracy,
    ApprovalKind,
    Dialect,
    Outcome,
    Purpose,
    Refusal,
    SigningTarget,
    StatementKind,
    TargetKind,
)

__all__ = [
    "Accuracy",
    "Allow",
    "ApprovalKind",
    "Block",
    "BudgetState",
    "CatalogView",
    "ColumnView",
    "Decision",
    "Dialect",
    "Estimate",
    "Estimator",
    "ExecutionRequest",
    "Finding",
    "NeedsApproval",
    "Outcome",
    "Permit",
    "PiiColumn",
    "PiiTracer",
    "Purpose",
    "Refusal",
    "Reservation",
    "Rewrite",
    "Signature",
    "SigningTarget",
    "StatementKind",
    "Subject",
    "TableRef",
    "TableView",
    "TargetKind",
]


@dataclass(frozen=True, slots=True)
class ExecutionRequest:
    """Who wants to run what, where, and why. `max_rows` may only lower the tenant's row limit."""

    actor: Actor
    connector: str
    dialect: Dialect
    sql: str
    purpose: Purpose
    datasource_id: UUID
    target: TargetKind
    max_rows: int | None = None
    idempotency_key: str | None = None
    approval_id: UUID | None = None
    artifact_ref: str | None = None
    dry_run: str = ""
    """The dry run that was made of exactly this statement, by reference; empty while there is none."""
    preview: bool = False
    """A preview decides and estimates but reserves no budget."""
    clear_pii: bool = False
    """The asker wants personal data in clear: from who may not see it, a question to another person."""
    recognition: bool = False
    """Recognising personal data itself: sees values in clear, and gives none of them on."""
    unattended: bool = False
    """Nobody waits for it: what needs an approval is refused without asking anybody."""


@dataclass(frozen=True, slots=True)
class TableRef:
    """A table as the SQL names it; parts the SQL leaves out are empty."""

    name: str
    dataset: str = ""
    project: str = ""

    def __str__(self) -> str:
        return ".".join(part for part in (self.project, self.dataset, self.name) if part)


@dataclass(frozen=True, slots=True)
class ColumnView:
    name: str
    type: str
    pii: str | None = None


@dataclass(frozen=True, slots=True)
class TableView:
    """What the gate needs to know about a table."""

    ref: TableRef
    columns: tuple[ColumnView, ...]
    partition_column: str | None = None
    partition_type: str | None = None
    """DATE, TIMESTAMP, DATETIME or INT64: decides how a bound on the partition column has to look."""
    time_column: str | None = None
    row_count: int | None = None
    key_columns: tuple[str, ...] = ()
    """Postgres: what leads a unique index. A bound on one finds its rows without a scan."""


class CatalogView(Protocol):
    """Tables of one datasource, as this actor may see them."""

    version: str
    """Changes whenever any answer may change; part of the decision cache key."""

    def table(self, ref: TableRef) -> TableView | None: ...

    def similar(self, ref: TableRef) -> Sequence[str]:
        """Names of existing tables to suggest for one that does not exist."""
        ...


@dataclass(frozen=True, slots=True)
class Estimate:
    """`usd` as returned by an Estimator is ignored: the gate prices bytes by the tenant's policy."""

    bytes: int
    usd: Decimal = Decimal(0)
    rows: int | None = None
    accuracy: Accuracy = Accuracy.PRECISE


class Estimator(Protocol):
    """A dry run. Raises `core.errors.InvalidInput` when the engine refuses the SQL, `Upstream` when it is out."""

    billed_by_bytes: bool

    def estimate(self, sql: str) -> Estimate: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule had to say: shown to the person as it is. Never echoes literals of the SQL."""

    rule: str
    outcome: Outcome
    message: str
    remedy: str = ""
    line: int | None = None
    column: int | None = None
    observed: int | str | None = None
    limit: int | str | None = None
    approval: ApprovalKind | None = None


@dataclass(frozen=True, slots=True)
class PiiColumn:
    """A protected column that reaches the output. `output` is its name there, `ordinal` its place from 0.

    Place EVERYWHERE: the lineage of the statement cannot be told, so every output counts as showing it.
    """

    EVERYWHERE: ClassVar[int] = -1

    output: str
    ordinal: int
    source: str
    kind: str
    redacted: bool = True


class PiiTracer(Protocol):
    """Follows protected columns of one datasource through a statement."""

    def trace(self, sql: str, tables: Sequence[TableRef]) -> Traced:
        """What `sql` shows of them; `tables` are those the gate's reader found in it."""
        ...


@dataclass(frozen=True, slots=True)
class BudgetState:
    """The rolling hour, as the limiter saw it."""

    allowed: bool
    bytes_used: int
    bytes_remaining: int
    budget: int
    suggestion: str = ""
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Reservation:
    """Bytes held in the rolling hour until `budget.reconcile` or `budget.release`."""

    id: str
    tenant_id: UUID
    bytes: int
    in_redis: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Kept beside what it signs. `value` is base64 of the DER signature, as cosign writes it, or a SIM-SIGN mark."""

    algorithm: str
    value: str
    sha256: str
    object_ref: str
    signed_at: datetime
    key_id: str = ""
    public_key: str = ""
    simulated: bool = False
    policy: str = ""
    reason: str = ""
    remedy: str = ""
    since: datetime | None = None
    kept_in: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For a JSON column, an answer, Vault."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Signature":
        """What `as_dict` gave; unknown members are left out. Raises KeyError, TypeError, ValueError."""
        known = {each.name: document[each.name] for each in fields(cls) if each.name in document}
        since = datetime.fromisoformat(known["since"]) if known.get("since") else None
        return cls(**{**known, "signed_at": datetime.fromisoformat(known["signed_at"]), "since": since})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is asked about beside a query: a migration, a role change, a restore, a deploy.

    `shown` is what the approver sees (a diff, a dry run's result), `text` the statements or manifest themselves. The
    approval binds to the sha256 of the canonical bytes of all of it, so that any change asks again.
    """

    kind: ApprovalKind
    type: str
    id: str
    title: str
    shown: Mapping[str, Any]
    text: str = ""
    href: str = ""

    def canonical(self) -> bytes:
        """The bytes that are hashed, and that a signature is made over: JSON with sorted keys, no blanks, UTF-8."""
        parts = {
            "kind": self.kind.value, "type": self.type, "id": self.id, "title": self.title,
            "shown": dict(self.shown), "text": self.text,
        }  # fmt: skip
        return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)

    @property
    def sha256(self) -> str:
        """Hash of exactly what is shown."""
        return hashlib.sha256(self.canonical()).hexdigest()


class ForgedDecisionError(TypeError):
    """Somebody other than the gate tried to make a decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """The part all decisions share. `sql` is what may run; `query_hash` is the sha256 of exactly that text."""

    seal: InitVar[object]
    request: ExecutionRequest = field(repr=False)
    sql: str = field(repr=False)
    query_hash: str
    policy_version: str
    findings: tuple[Finding, ...] = ()
    tables: tuple[TableRef, ...] = ()
    estimate: Estimate | None = None
    estimate_id: UUID | None = None
    budget: BudgetState | None = None
    per_query_limit: int | None = None
    pii: tuple[PiiColumn, ...] = ()
    reads_pii: bool = False
    """Whether a table with protected columns is read, whatever of it shows."""
    warnings: tuple[str, ...] = ()

    def __post_init__(self, seal: object) -> None:
        if seal is not SEAL:
            raise ForgedDecisionError("Only policies.services.gate makes decisions.")

    def __reduce__(self) -> NoReturn:
        raise TypeError("A decision does not leave its process; sign it first.")

    def __copy__(self) -> NoReturn:
        raise TypeError("A decision is not copied.")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("A decision is not copied.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runnable(_Verdict):
    """`row_limit` rows at most are fetched; `max_bytes_billed` is set on the job where the engine bills by bytes.

    `at_most`: more rows than these the text itself does not allow, where it says so.
    """

    row_limit: int
    timeout_ms: int
    at_most: int | None = None
    max_bytes_billed: int | None = None
    reservation: Reservation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow(_Runnable):
    """Runs as written (BigQuery: as regenerated, with the same meaning)."""

    outcome: ClassVar[str] = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite(_Runnable):
    """Runs after the changes that the findings of outcome `fix` name."""

    outcome: ClassVar[str] = "rewrite"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsApproval(_Verdict):
    """Runs only once somebody said yes to `kinds`; the approval binds to `query_hash`.

    Without an `approval_id` nobody has been asked yet: a destructive statement needs its dry run first.
    """

    outcome: ClassVar[str] = "needs_approval"
    kinds: tuple[ApprovalKind, ...]
    approval_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(_Verdict):
    """Does not run. For `refusal=POLICY` nothing overrides it."""

    outcome: ClassVar[str] = "block"
    refusal: Refusal = Refusal.POLICY


Permit = Allow | Rewrite
Decision = Allow | Rewrite | NeedsApproval | Block
