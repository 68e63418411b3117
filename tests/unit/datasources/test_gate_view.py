"""What the gate is told of a table: the connector's facts, and what people confirmed."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from apps.datasources.selectors.gate_view import GateView
from apps.datasources.selectors.protected import ProtectedColumns
from apps.policies.contracts import ColumnView, TableRef, TableView

ORDERS = TableView(TableRef("Orders", "shop"), (ColumnView("id", "INT64"), ColumnView("placed", "DATE")))


def view(table: TableView = ORDERS, **times: str) -> GateView:
    connector: Any = SimpleNamespace(version="1", billed_by_bytes=True, table=lambda ref: table)
    return GateView(UUID(int=1), connector, ProtectedColumns({}, "0"), times)


def test_a_confirmed_time_column_is_known_to_the_gate() -> None:
    found = view(**{"shop.orders": "placed"}).table(ORDERS.ref)
    assert found is not None
    assert found.time_column == "placed"


def test_a_partitioned_table_keeps_to_its_partition() -> None:
    table = TableView(ORDERS.ref, ORDERS.columns, partition_column="id", partition_type="INT64")
    found = view(table, **{"shop.orders": "placed"}).table(table.ref)
    assert found is not None
    assert found.time_column is None


def test_confirming_another_column_makes_another_version() -> None:
    versions = {view().version, view(**{"shop.orders": "placed"}).version, view(**{"shop.orders": "paid"}).version}
    assert len(versions) == 3
