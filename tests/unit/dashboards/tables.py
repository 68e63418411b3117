"""Confirmed tables to build cards on, of every kind a warehouse may hold."""

from dataclasses import replace
from uuid import UUID

from apps.datasources.contracts import ColumnFact, ConfirmedTable, SemanticType, TableRole


def column(name: str, kind: str, semantic: str, distinct: int | None, *, null_share: float = 0.0) -> ColumnFact:
    return ColumnFact(name, kind, SemanticType(semantic), null_share, distinct)


def _id(number: int) -> UUID:
    return UUID(int=number)


ORDERS = ConfirmedTable(
    table_id=_id(1),
    dataset="shop",
    name="orders",
    role=TableRole.TRANSACTION,
    time_column="ordered_at",
    amount_column="amount",
    entity_key="user_id",
    dimensions=("country", "channel"),
    columns=(
        column("order_id", "INT64", "id", 1000),
        column("user_id", "INT64", "id", 300),
        column("ordered_at", "TIMESTAMP", "time", 990),
        column("amount", "NUMERIC", "amount", 800),
        column("country", "STRING", "dimension", 6),
        column("channel", "STRING", "dimension", 3, null_share=0.1),
    ),
    row_count=1000,
    catalog_hash="a",
    amount_kind="money",
)
EVENTS = ConfirmedTable(
    table_id=_id(2),
    dataset="app",
    name="events",
    role=TableRole.EVENT,
    time_column="event_date",
    amount_column=None,
    entity_key="visitor",
    dimensions=("name",),
    columns=(
        column("event_date", "DATE", "time", 90),
        column("visitor", "STRING", "id", 400),
        column("name", "STRING", "dimension", 9),
    ),
    row_count=50_000,
    catalog_hash="b",
)
CUSTOMERS = ConfirmedTable(
    table_id=_id(3),
    dataset="crm",
    name="customers",
    role=TableRole.USER,
    time_column=None,
    amount_column=None,
    entity_key="id",
    dimensions=("segment",),
    columns=(column("id", "INT64", "id", 80), column("segment", "STRING", "dimension", 4)),
    row_count=80,
    catalog_hash="c",
)
REFUNDS = replace(
    ORDERS, table_id=_id(4), name="refunds", amount_column="amount", dimensions=(), row_count=40, catalog_hash="d"
)
SENSORS = replace(
    EVENTS,
    table_id=_id(5),
    dataset="iot",
    name="weird table-1",
    time_column="at",
    entity_key=None,
    dimensions=(),
    columns=(
        ColumnFact("at", "INT64", SemanticType.TIME, 0.0, 100, time_format="epoch_ms"),
        column("läuft", "BOOL", "flag", 2),
    ),
    catalog_hash="e",
)
