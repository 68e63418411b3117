"""Writes what a connector says about its tables into the catalog: upserts, and marks what is gone. Scans nothing."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.datasources.contracts import IntrospectedTable
from apps.datasources.engine.profiling.families import fields_of
from apps.datasources.models import CatalogColumn, CatalogTable
from apps.datasources.selectors import registry

_TABLE_FACTS = ("kind", "row_count", "bytes", "partition_column", "clustering", "modified_at", "seen_at", "gone_at")


def refresh(actor: Actor, datasource_id: UUID, *, only: Sequence[str] = ()) -> list[CatalogTable]:
    """Bring the catalog of a datasource up to date and answer the tables asked for (`dataset.name`; all when empty)."""
    found = registry.open_for(actor, datasource_id).connector.introspect()
    tables = _store(datasource_id, found)
    if not only:
        return tables
    wanted = {name.lower() for name in only}
    chosen = [table for table in tables if {str(table).lower(), table.name.lower(), str(table.id)} & wanted]
    if not chosen:
        raise NotFound("None of these tables exist in the datasource.", extra={"tables": list(only)[:20]})
    return chosen


@transaction.atomic
def _store(datasource_id: UUID, found: Sequence[IntrospectedTable]) -> list[CatalogTable]:
    now = clock.now()
    CatalogTable.objects.bulk_create(
        (_table(datasource_id, item) for item in found),
        update_conflicts=True,
        unique_fields=["datasource", "dataset", "name"],
        update_fields=[*_TABLE_FACTS, "updated_at"],
    )
    names = {(item.dataset, item.name) for item in found}
    rows = list(CatalogTable.objects.filter(datasource_id=datasource_id))
    gone = [row.id for row in rows if (row.dataset, row.name) not in names and row.gone_at is None]
    CatalogTable.objects.filter(id__in=gone).update(gone_at=now)
    present = {(row.dataset, row.name): row for row in rows if (row.dataset, row.name) in names}
    _store_columns(present, found)
    return sorted(present.values(), key=lambda row: (row.dataset, row.name))


def _table(datasource_id: UUID, item: IntrospectedTable) -> CatalogTable:
    return CatalogTable(
        datasource_id=datasource_id,
        dataset=item.dataset,
        name=item.name,
        kind=item.kind,
        description=item.description,
        row_count=item.row_count,
        bytes=item.bytes,
        partition_column=item.partition_column or "",
        clustering=list(item.clustering),
        modified_at=item.modified_at,
        seen_at=clock.now(),
        gone_at=None,
        updated_at=clock.now(),
    )


def _store_columns(tables: dict[tuple[str, str], CatalogTable], found: Sequence[IntrospectedTable]) -> None:
    columns: list[CatalogColumn] = []
    kept: dict[UUID, set[str]] = {}
    for item in found:
        table = tables[item.dataset, item.name]
        fields = [(field, column) for column in item.columns for field in fields_of(column.name, column.type)]
        kept[table.id] = {field.name for field, _ in fields}
        for position, (field, column) in enumerate(fields):
            described = column.description if len(field.path) == 1 else ""
            columns.append(
                CatalogColumn(
                    table=table, name=field.name, position=position, type=field.type, nullable=column.nullable,
                    description=described, updated_at=clock.now(),
                )
            )  # fmt: skip
    CatalogColumn.objects.bulk_create(
        columns,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["table", "name"],
        update_fields=["position", "type", "nullable", "updated_at"],
    )
    existing = CatalogColumn.objects.filter(table_id__in=kept).values_list("id", "table_id", "name")
    CatalogColumn.objects.filter(id__in=[row for row, table, name in existing if name not in kept[table]]).delete()
