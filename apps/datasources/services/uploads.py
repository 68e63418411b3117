"""Users' files into tables of their sandbox warehouse: staged, understood and shown, then loaded all or nothing."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from apps.audit.services import trail
from apps.core import clock, tenant
from apps.core.actor import Actor
from apps.core.errors import AtomError, InvalidInput, NotFound
from apps.core.permissions import Scope
from apps.datasources.connectors.sandbox import files, receiving
from apps.datasources.connectors.sandbox.intake import Choices, Intake, Understood
from apps.datasources.engine.uploads import names
from apps.datasources.enums import LoadMode, TableOrigin, UploadFormat, UploadState
from apps.datasources.models import SandboxTable, SandboxUpload
from apps.datasources.services import warehouse
from atom_project.config import config

DEFAULT_DATASET = "uploads"
KEEP_STAGED = timedelta(hours=24)
NO_PARTITION = "none"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the rows go. `partition` is empty for what was found, "none", or a column's name."""

    table: str = ""
    dataset: str = DEFAULT_DATASET
    mode: LoadMode = LoadMode.NEW
    partition: str = ""
    description: str = ""
    choices: Choices = field(default_factory=Choices)


def stage(actor: Actor, chunks: Iterable[bytes], *, filename: str, choices: Choices | None = None) -> SandboxUpload:
    """Take a file in and look at it; nothing is loaded yet. Raises TooLarge, UnsupportedMedia, InvalidInput."""
    actor.require(Scope.DATASOURCE_OPERATOR)
    _sweep_staged()
    upload = SandboxUpload(filename=filename[:255], format="", file_bytes=0, created_by=actor.id)
    folder = _folder(upload.id)
    limit = config.warehouse_upload_limit_mb * (1 << 20)
    received = receiving.receive(chunks, folder, filename=filename, limit=limit)
    try:
        upload.format, upload.file_bytes = received.format, received.bytes
        understood = _understood(upload, choices or Choices())
        upload.preview = {**_shown(understood), "encoding": received.encoding, "table": names.table_name(filename)}
        with trail.unit_of_work():
            upload.save(force_insert=True)
            trail.record(
                actor, "warehouse.file_staged", object_type="sandbox_upload", object_id=upload.id,
                summary={"format": upload.format, "bytes": upload.file_bytes, "rows": understood.rows},
            )  # fmt: skip
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return upload


def look_again(actor: Actor, upload_id: UUID, choices: Choices) -> SandboxUpload:
    """The preview under other choices of delimiter, header or types."""
    actor.require(Scope.DATASOURCE_OPERATOR)
    upload = get_upload_for(actor, upload_id)
    kept = {name: upload.preview.get(name) for name in ("encoding", "table")}
    upload.preview = {**_shown(_understood(upload, choices)), **kept}
    upload.save(update_fields=["preview", "updated_at"])
    return upload


def load(actor: Actor, upload_id: UUID, destination: Destination) -> SandboxTable:
    """Make the staged file a table, or part of one. Raises Conflict and InvalidInput, and then changes nothing."""
    actor.require(Scope.DATASOURCE_OPERATOR)
    upload = get_upload_for(actor, upload_id)
    try:
        table = _loaded(actor, upload, destination)
    except AtomError as error:
        SandboxUpload.objects.filter(id=upload.id).update(error_message=error.message, updated_at=clock.now())
        raise
    shutil.rmtree(_folder(upload.id), ignore_errors=True)
    return table


def _loaded(actor: Actor, upload: SandboxUpload, destination: Destination) -> SandboxTable:
    name = destination.table or str(upload.preview.get("table") or "") or names.table_name(upload.filename)
    for part in (name, destination.dataset):
        if not names.is_valid(part):
            raise InvalidInput(
                f"“{part}” cannot be a name: use letters, digits and underscores, starting with a letter.",
                code="BAD_NAME", extra={"suggestion": names.valid(part)},
            )  # fmt: skip
    owner = tenant.require()
    with _intake(upload, destination.choices) as intake:
        understood = intake.understand()
        cut = _partition_of(understood, destination, name)
        written = files.write(
            intake.connection, intake.view, tenant_id=owner.id, columns=understood.columns, partition_column=cut
        )
    load_ = warehouse.Load(
        destination.dataset, name, understood.columns, tuple(written), destination.mode, TableOrigin.UPLOAD, cut,
        destination.description or f"Loaded from {upload.filename}", understood.sources,
    )  # fmt: skip
    with trail.unit_of_work():
        warehouse.commit(actor, [load_], action="loaded")
        table = SandboxTable.objects.get(dataset__iexact=destination.dataset, name__iexact=name)
        SandboxUpload.objects.filter(id=upload.id).update(
            state=UploadState.LOADED, table_id=table.id, error_message="", updated_at=clock.now()
        )
    return table


def _partition_of(understood: Understood, destination: Destination, name: str) -> str | None:
    """The column to cut by; that of the table where rows are appended, which have to fit it."""
    wanted = destination.partition
    table = SandboxTable.objects.filter(dataset__iexact=destination.dataset, name__iexact=name).first()
    if table is not None and destination.mode == LoadMode.NEW:
        raise warehouse.table_exists(table)
    if table is not None and destination.mode == LoadMode.APPEND:
        warehouse.require_same_columns(table, understood.columns)
        return table.partition_column or None
    if wanted == NO_PARTITION:
        return None
    if not wanted:
        return understood.partition_column
    column = next((each for each in understood.columns if each.name.lower() == wanted.lower()), None)
    if column is None or column.type not in {"DATE", "TIMESTAMP", "DATETIME"}:
        raise InvalidInput(f"“{wanted}” is no date or time column of this file.", code="BAD_PARTITION")
    return column.name


def discard(actor: Actor, upload_id: UUID) -> None:
    """Let a staged file go."""
    actor.require(Scope.DATASOURCE_OPERATOR)
    upload = get_upload_for(actor, upload_id)
    with trail.unit_of_work():
        upload.delete()
        trail.record(actor, "warehouse.file_discarded", object_type="sandbox_upload", object_id=upload_id)
    shutil.rmtree(_folder(upload_id), ignore_errors=True)


def get_upload_for(actor: Actor, upload_id: UUID) -> SandboxUpload:
    """A staged or loaded file; raises NotFound."""
    actor.require(Scope.DATASOURCE_OPERATOR)
    upload = SandboxUpload.objects.filter(id=upload_id).first()
    if upload is None:
        raise NotFound("There is no such upload.")
    return upload


def _understood(upload: SandboxUpload, choices: Choices) -> Understood:
    with _intake(upload, choices) as intake:
        return intake.understand()


def _intake(upload: SandboxUpload, choices: Choices) -> Intake:
    path = _folder(upload.id) / "received"
    if not path.exists():
        raise NotFound("The uploaded file is no longer there; upload it again.")
    owner = tenant.require()
    writable = files.folder_of(owner.id)
    writable.mkdir(parents=True, exist_ok=True)
    return Intake(path, UploadFormat(upload.format), writable=writable, spill=files.spill_of(owner.id), choices=choices)


def _folder(upload_id: UUID) -> Path:
    return files.staging_of(tenant.require().id) / upload_id.hex


def _shown(found: Understood) -> dict[str, Any]:
    return {
        "format": found.format.value,
        "columns": [
            {"name": column.name, "type": column.type, "source": found.sources.get(column.name, column.name)}
            for column in found.columns
        ],
        "rows": found.rows,
        "rejected": found.rejected,
        "unreadable": found.unreadable,
        "errors": [
            {"line": bad.line, "column": bad.column, "message": bad.reason, "text": bad.text} for bad in found.bad
        ],
        "sample": [list(row) for row in found.sample],
        "partition_column": found.partition_column,
        "delimiter": found.delimiter,
        "header": found.header,
    }


def _sweep_staged() -> None:
    """Files nobody came back for within a day go."""
    old = SandboxUpload.objects.filter(created_at__lt=clock.now() - KEEP_STAGED, state=UploadState.STAGED)
    for upload_id in old.values_list("id", flat=True):
        shutil.rmtree(_folder(upload_id), ignore_errors=True)
    old.delete()
