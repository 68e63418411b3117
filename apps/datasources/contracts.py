"""What crosses the border of `datasources`: how connectors describe tables, and what people confirmed about them.

Dashboards, memos and the agent read `ConfirmedTable` and build SQL from it with `engine.confirmed_sql`. No Django here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID


class TableRole(StrEnum):
    """What a table is about. CONFIG (reference data) is left out of KPI defaults."""

    USER = "user"
    TRANSACTION = "transaction"
    EVENT = "event"
    STATE = "state"
    CONFIG = "config"


ROLE_NAMES: Mapping[TableRole, str] = MappingProxyType(
    {
        TableRole.USER: "People and accounts",
        TableRole.TRANSACTION: "Transactions",
        TableRole.EVENT: "Events",
        TableRole.STATE: "Things with a state",
        TableRole.CONFIG: "Reference data",
    }
)
"""How roles are called on pages."""


class SemanticType(StrEnum):
    """What a column means, beyond its storage type."""

    ID = "id"
    TIME = "time"
    AMOUNT = "amount"
    DIMENSION = "dimension"
    TEXT = "text"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class IntrospectedColumn:
    """A column as the connector sees it; `type` is BigQuery's name for it (STRING, INT64, ARRAY<STRING>, ...)."""

    name: str
    type: str
    nullable: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True)
class IntrospectedTable:
    """A table or view as the connector sees it, from metadata alone: nothing is scanned for it."""

    dataset: str
    name: str
    columns: tuple[IntrospectedColumn, ...]
    kind: str = "table"
    row_count: int | None = None
    bytes: int | None = None
    partition_column: str | None = None
    clustering: tuple[str, ...] = ()
    modified_at: datetime | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class TableShape:
    """What lineage needs of a stored table: its columns in order, and what else its values come from.

    `definition` is the SELECT of a view, in the dialect of the datasource; `parents` are tables this one is a part of
    (partitions, inheritance), so that a column of theirs is one of its own.
    """

    dataset: str
    name: str
    columns: tuple[tuple[str, str], ...]
    definition: str = ""
    parents: tuple[tuple[str, str], ...] = ()
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class ColumnFact:
    """A profiled column. `distinct` is None where counting made no sense (arrays, structs, JSON).

    `time_format` says how a time is stored: "" natively, "iso", "ymd", "dmy", "mdy", "ym" as text, "ymd_compact" as
    text or number, "epoch_s", "epoch_ms", "epoch_us" as a number; `number_format` ("plain", "money", "comma") how text
    spells numbers. `engine.confirmed_sql` reads both. `pii` is the class of a protected column, else None.
    """

    name: str
    type: str
    semantic: SemanticType
    null_share: float
    distinct: int | None
    pii: str | None = None
    time_format: str = ""
    top_values: tuple[str, ...] = ()
    description: str = ""
    number_format: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`column` of the table points at `ref_column` of another one: guessed by name and value overlap."""

    column: str
    ref_table_id: UUID
    ref_dataset: str
    ref_table: str
    ref_column: str
    confidence: float
    overlap: float | None = None


@dataclass(frozen=True, slots=True)
class BorrowedTime:
    """The time of a table that has none of its own, found over one foreign key (order lines: the order's date)."""

    column: str
    dataset: str
    table: str
    ref_column: str
    time_column: str
    time_type: str = "TIMESTAMP"
    time_format: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmedTable:
    """A table whose meaning a person confirmed.

    `amount_column` alone is the amount unless `quantity_column` is set (then amount × quantity, less the share in
    `discount_column`); divide by `amount_divisor` (100 where money is kept in cents). `latest_at` is the newest time
    seen when it was last profiled; `catalog_hash` changes whenever any fact here that shapes SQL changes.
    """

    table_id: UUID
    dataset: str
    name: str
    role: TableRole
    time_column: str | None
    amount_column: str | None
    entity_key: str | None
    dimensions: tuple[str, ...]
    columns: tuple[ColumnFact, ...]
    row_count: int | None
    catalog_hash: str
    quantity_column: str | None = None
    discount_column: str | None = None
    amount_divisor: int = 1
    amount_kind: str = ""
    """How an amount is shown: money, quantity, or empty when unknown."""
    borrowed_time: BorrowedTime | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()
    partition_column: str | None = None
    latest_at: datetime | None = None
    earliest_at: datetime | None = None
    description: str = ""
    missing_days: tuple[str, ...] = field(default=())
    """ISO days without any row between the first and the last day."""

    def column(self, name: str | None) -> ColumnFact | None:
        """The column called `name` (letter case ignored), if there is one."""
        if name is None:
            return None
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result; `type` is BigQuery's name. `redacted` names the class of what is hidden in it."""

    name: str
    type: str
    redacted: str | None = None


@dataclass(frozen=True, slots=True)
class ResultSet:
    """What a connector answers. `truncated` says that more rows were there than the permit allows."""

    columns: tuple[ResultColumn, ...]
    rows: list[tuple[Any, ...]]
    bytes_processed: int = 0
    bytes_billed: int = 0
    truncated: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultEstimate:
    """The dry run behind an execution; nothing where the engine does not bill by bytes."""

    bytes: int = 0
    usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """What `services.execution.run` gives: rows already redacted for this caller, and how they came about."""

    execution_id: UUID
    datasource_id: UUID
    columns: tuple[ResultColumn, ...]
    rows: list[tuple[Any, ...]]
    row_count: int
    query_hash: str
    final_sql: str
    estimate: ResultEstimate
    bytes_billed: int
    duration_ms: float
    cache_hit: bool = False
    simulated: bool = False
    truncated: bool = False
    redacted: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    decision: str = "allow"
    executed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TestStep:
    """One check of a connection test."""

    __test__ = False

    name: str
    passed: bool
    message: str
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class TestReport:
    """A connection test: every step that ran, in order; nothing after the first failure."""

    __test__ = False

    steps: tuple[TestStep, ...]
    simulated: bool = False

    @property
    def passed(self) -> bool:
        """Whether every step did."""
        return all(step.passed for step in self.steps)
