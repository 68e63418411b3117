"""Changes of the sandbox warehouse: files first, then one transaction that makes them the table, all or nothing.

Files are never changed, only named or no longer named by the manifest, so readers of an older commit are undisturbed;
what nobody names any more is swept away an hour later.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Sum

from apps.audit.services import outbox, trail
from apps.core import clock, folders, tenant
from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound
from apps.core.permissions import Scope
from apps.datasources.connectors.sandbox.files import WrittenFile, folder_of, staging_of
from apps.datasources.connectors.sandbox.pool import pool
from apps.datasources.engine.bigquery.schema import Column
from apps.datasources.enums import LoadMode, TableOrigin
from apps.datasources.models import SandboxCommit, SandboxFile, SandboxTable
from apps.datasources.selectors import warehouse as manifest
from apps.realtime.services.publisher import publish

GRACE = timedelta(hours=1)
_LOCK = 7_270_001


@dataclass(frozen=True, slots=True)
class Load:
    """A table's new rows, written to disk already. `sources` maps column names to what the user's file called them."""

    dataset: str
    name: str
    columns: tuple[Column, ...]
    files: tuple[WrittenFile, ...]
    mode: LoadMode
    origin: TableOrigin
    partition_column: str | None = None
    description: str = ""
    sources: Mapping[str, str] | None = None


def commit(actor: Actor, loads: Sequence[Load], *, action: str) -> int:
    """Make the loads visible together; returns the commit's number.

    Raises Conflict when a table exists that should be new, or has other columns than the rows to append.
    """
    with trail.unit_of_work():
        number = _next_number()
        tables = [_applied(load, actor) for load in loads]
        summary = {
            "tables": [str(table) for table in tables],
            "rows": sum(file.rows for load in loads for file in load.files),
        }
        _record(actor, number, action, summary)
        for table in tables:
            trail.record(
                actor, f"warehouse.{action}", object_type="sandbox_table", object_id=table.id,
                summary={"table": str(table), "rows": table.row_count, "commit": number},
            )  # fmt: skip
    sweep(tenant.require().id)
    return number


def drop_table(actor: Actor, table_id: UUID) -> None:
    """Take a table out of the warehouse; raises NotFound."""
    actor.require(Scope.DATASOURCE_OPERATOR)
    with trail.unit_of_work():
        number = _next_number()
        table = SandboxTable.objects.filter(id=table_id).first()
        if table is None:
            raise NotFound("There is no such table.")
        name = str(table)
        table.delete()
        _record(actor, number, "dropped", {"tables": [name]})
        trail.record(
            actor, "warehouse.table_dropped", object_type="sandbox_table", object_id=table_id,
            summary={"table": name, "commit": number},
        )  # fmt: skip
    sweep(tenant.require().id)


def _next_number() -> int:
    """One writer at a time per tenant: the lock lasts to the end of the transaction."""
    owner = tenant.require()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, owner.schema_name])
    newest = SandboxCommit.objects.aggregate(newest=Max("number"))["newest"]
    return int(newest or 0) + 1


def _record(actor: Actor, number: int, action: str, summary: dict[str, Any]) -> None:
    SandboxCommit.objects.create(number=number, action=action, summary=summary, created_by=actor.id)
    outbox.announce("warehouse.changed", {"commit": number, "action": action, **summary})
    owner = tenant.require()
    names = ", ".join(summary["tables"][:3]) + (" …" if len(summary["tables"]) > 3 else "")
    message = {
        "kind": "warehouse.changed", "level": "info", "title": f"Warehouse {action.replace('_', ' ')}: {names}",
        "url": f"/t/{owner.slug}/data/warehouse/", "commit": number, "at": clock.now().isoformat(),
    }  # fmt: skip
    transaction.on_commit(lambda: publish(owner.id, "notifications", message))


def _applied(load: Load, actor: Actor) -> SandboxTable:
    table = SandboxTable.objects.filter(dataset__iexact=load.dataset, name__iexact=load.name).first()
    if table is not None and load.mode == LoadMode.NEW:
        raise table_exists(table)
    if table is None:
        table = SandboxTable(dataset=load.dataset, name=load.name, created_by=actor.id)
    if table.columns and load.mode == LoadMode.APPEND:
        require_same_columns(table, load.columns)
    else:
        table.columns = [_column_row(column, load.sources or {}) for column in load.columns]
        table.partition_column = load.partition_column or ""
        table.description = load.description
    table.origin = load.origin
    table.save()
    if load.mode != LoadMode.APPEND:
        table.files.all().delete()
    SandboxFile.objects.bulk_create([_file_row(table, file) for file in load.files if file.rows], batch_size=500)
    totals = table.files.aggregate(rows=Sum("row_count"))
    table.row_count = totals["rows"] or 0
    kept = 0 if load.mode != LoadMode.APPEND else table.logical_bytes
    table.logical_bytes = kept + sum(sum(file.column_bytes.values()) for file in load.files)
    table.save()
    return table


def table_exists(table: SandboxTable) -> Conflict:
    """The error for a new table whose name is taken."""
    return Conflict(
        f"There is a table {table} already.", code="TABLE_EXISTS",
        next_steps=["Choose “replace” or “append”, or another name."],
    )  # fmt: skip


def _column_row(column: Column, sources: Mapping[str, str]) -> dict[str, str]:
    source = sources.get(column.name, column.name)
    return {"name": column.name, "type": column.type, "description": column.description, "source": source}


def require_same_columns(table: SandboxTable, columns: Sequence[Column]) -> None:
    """Raise Conflict unless rows with these columns can be appended to the table."""
    have = [(item["name"].lower(), item["type"]) for item in table.columns]
    new = [(column.name.lower(), column.type) for column in columns]
    if sorted(have) != sorted(new):
        missing = sorted({name for name, _ in have} - {name for name, _ in new})
        extra = sorted({name for name, _ in new} - {name for name, _ in have})
        changed = sorted(name for name, kind in new if name in dict(have) and dict(have)[name] != kind)
        parts = [
            f"{title}: {', '.join(names)}"
            for title, names in (("missing", missing), ("unknown", extra), ("other type", changed))
            if names
        ]
        raise Conflict(
            f"The rows do not fit the table {table} ({'; '.join(parts)}).", code="SCHEMA_MISMATCH",
            next_steps=["Rename or convert the columns in the file, or choose “replace”."],
        )  # fmt: skip


def _file_row(table: SandboxTable, file: WrittenFile) -> SandboxFile:
    return SandboxFile(
        table=table, path=file.path, partition=file.partition, row_count=file.rows, column_bytes=file.column_bytes,
        file_bytes=file.file_bytes, sha256=file.sha256,
    )  # fmt: skip


def sweep(tenant_id: UUID) -> int:
    """Remove loads that no commit names and that are older than an hour; returns how many."""
    root = folder_of(tenant_id)
    if not root.is_dir():
        return 0
    limit = (clock.now() - GRACE).timestamp()
    old = [path for path, changed in folders.folders_in(root) if changed < limit]
    if not old:
        return 0
    named = {path.split("/", 1)[0] for path in SandboxFile.objects.values_list("path", flat=True)}
    stale = [path for path in old if path.name not in named]
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)


def destroy(tenant_id: UUID) -> None:
    """Remove everything of a tenant from disk (purge)."""
    pool.drop(tenant_id)
    manifest.forget(tenant_id)
    for folder in (folder_of(tenant_id), staging_of(tenant_id)):
        _removed(folder)


def _removed(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
