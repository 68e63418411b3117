"""Reads of the sandbox manifest: the warehouse as the engine sees it, kept per process until a commit changes it."""

import threading
from dataclasses import dataclass
from uuid import UUID

from apps.core import tenant
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.datasources.connectors.sandbox.files import folder_of
from apps.datasources.engine.bigquery.schema import Column, DataFile, Warehouse, WarehouseTable
from apps.datasources.models import SandboxCommit, SandboxFile, SandboxTable

_lock = threading.Lock()
_known: dict[UUID, Warehouse] = {}


def current_number() -> int:
    """The number of the newest commit of the entered tenant; 0 before the first. One indexed row."""
    number = SandboxCommit.objects.order_by("-number").values_list("number", flat=True).first()
    return number or 0


def load() -> Warehouse:
    """The entered tenant's warehouse at its newest commit; rebuilt only when that has changed."""
    owner = tenant.require()
    number = current_number()
    known = _known.get(owner.id)
    if known is not None and known.version == str(number):
        return known
    warehouse = _read(owner.id, number)
    with _lock:
        _known[owner.id] = warehouse
    return warehouse


def forget(tenant_id: UUID) -> None:
    """Drop what this process remembers of a tenant."""
    with _lock:
        _known.pop(tenant_id, None)


def _read(tenant_id: UUID, number: int) -> Warehouse:
    root = folder_of(tenant_id)
    files: dict[UUID, list[DataFile]] = {}
    rows = SandboxFile.objects.order_by("partition", "path")
    for table_id, path, day, count, sizes in rows.values_list(
        "table_id", "path", "partition", "row_count", "column_bytes"
    ).iterator():
        files.setdefault(table_id, []).append(DataFile(str(root / path), day, count, sizes))
    tables = tuple(_table(row, files.get(row.id, [])) for row in SandboxTable.objects.order_by("dataset", "name"))
    return Warehouse(str(number), tables)


def _table(row: SandboxTable, files: list[DataFile]) -> WarehouseTable:
    columns = tuple(Column(item["name"], item["type"], item.get("description", "")) for item in row.columns)
    return WarehouseTable(
        row.dataset, row.name, columns, tuple(files), row.partition_column or None, row.description,
        row.updated_at.isoformat(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableSummary:
    """A sandbox table as lists show it."""

    id: UUID
    dataset: str
    name: str
    origin: str
    rows: int
    bytes: int
    columns: tuple[tuple[str, str, str], ...]
    partition_column: str
    partitions: int
    description: str
    updated_at: str


def list_tables(actor: Actor) -> list[TableSummary]:
    """The tables of the caller's sandbox warehouse, by name."""
    actor.require(Scope.DATASOURCE_VIEWER)
    partitions = {table.name: len({f.partition for f in table.files}) for table in load().tables}
    return [_summary(row, partitions.get(row.name, 0)) for row in SandboxTable.objects.order_by("dataset", "name")]


def get_table_for(actor: Actor, table_id: UUID) -> TableSummary:
    """One table; raises NotFound."""
    actor.require(Scope.DATASOURCE_VIEWER)
    row = SandboxTable.objects.filter(id=table_id).first()
    if row is None:
        raise NotFound("There is no such table.")
    return _summary(row, row.files.values("partition").distinct().count())


def _summary(row: SandboxTable, partitions: int) -> TableSummary:
    return TableSummary(
        row.id, row.dataset, row.name, row.origin, row.row_count, row.logical_bytes,
        tuple((item["name"], item["type"], item.get("source", item["name"])) for item in row.columns),
        row.partition_column, partitions if row.partition_column else 0, row.description, row.updated_at.isoformat(),
    )  # fmt: skip
