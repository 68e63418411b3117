"""The steps of an export. Parts go to storage first, so that a killed run goes on; the archive is packed from them.

`tables` and `studio` write parts; `pack` streams them with objects and warehouse files into one archive, then removes
the parts. Every step may be repeated: it writes the same names again.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import BaseModel

from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.connectors.sandbox import files as warehouse_files
from apps.gateway.services.exports import streams, studio, tables
from apps.gateway.services.exports.streams import Entry, Hashes
from apps.storage.connectors import disk
from apps.storage.engine.paths import ObjectPath
from apps.storage.models import Bucket
from apps.storage.selectors import objects as stored
from apps.tenancy.services import wakeups
from apps.workflows.contracts import StepContext

BUCKET: Final = "workspace-exports"
KEEP: Final = timedelta(days=7)
EXPIRY: Final = "gateway.export_expiry"
_LIMIT: Final = 1 << 50


class Parts(BaseModel):
    """What a step wrote: names of its parts, and what was left out on purpose."""

    names: list[str]
    left_out: list[str] = []


class Packed(BaseModel):
    """The archive."""

    path: str
    bytes: int
    sha256: str
    entries: int


def write_tables(ctx: StepContext, _wish: Any) -> Parts:
    """Every table of the schema at one moment, and the members."""
    Bucket.objects.get_or_create(name=BUCKET, defaults={"max_object_bytes": _LIMIT, "content_types": []})
    written = []
    with tables.snapshot(ctx.tenant) as raw:
        wanted, left_out = tables.names(raw, ctx.tenant)
        for place, table in enumerate(wanted):
            ctx.progress(place / (len(wanted) + 1), f"Table {table}")
            written.append(_keep(ctx, f"tables/{table}.jsonl", tables.lines(raw, ctx.tenant, table)))
        written.append(_keep(ctx, "members.jsonl", tables.people(raw)))
    return Parts(names=written, left_out=left_out)


def write_studio(ctx: StepContext, _wish: Any) -> Parts:
    """The studio database."""
    ctx.progress(0.05, "Dumping the studio database")
    return Parts(names=[_keep(ctx, "studio.dump", studio.dump(ctx.tenant, ctx.actor))])


def pack(ctx: StepContext, _wish: Any) -> Packed:
    """Everything into one archive with a manifest; on record, kept for a week, its parts removed."""
    parts = [*ctx.output_of("tables", Parts).names, *ctx.output_of("studio", Parts).names]
    entries = [*_part_entries(ctx, parts), *_object_entries(ctx.tenant), *_warehouse_entries(ctx.tenant)]
    hashes: Hashes = []
    left_out = ctx.output_of("tables", Parts).left_out
    blocks = streams.zipped(_told(ctx, entries), hashes, lambda: _manifest(ctx.tenant, hashes, left_out))
    path = ObjectPath(BUCKET, f"{ctx.run_id}/{ctx.tenant.slug}.zip")
    size, digest = disk.write(ctx.tenant.id, path, streams.reader(blocks), limit=_LIMIT)
    with trail.unit_of_work():
        trail.record(
            ctx.actor, "tenant.exported", object_type="object", object_id=str(path), sha256=digest,
            summary={"bytes": size, "entries": len(hashes) + 1},
        )  # fmt: skip
        wakeups.schedule(EXPIRY, clock.now() + KEEP, str(ctx.run_id))
    for name in parts:
        disk.delete(ctx.tenant.id, _part(ctx.run_id, name))
    ctx.progress(1.0, "Done")
    ctx.link("Download the archive", "settings/export/")
    return Packed(path=str(path), bytes=size, sha256=digest, entries=len(hashes) + 1)


def expire(ref: str, tenant: TenantRef) -> None:
    """Wake-up handler: the week is over, everything of the run goes."""
    for each in list(disk.listing(tenant.id, BUCKET, f"{ref}/")):
        disk.delete(tenant.id, ObjectPath(BUCKET, each.key))
    trail.record(Actor.system(tenant), "tenant.export_expired", object_type="workflow_run", object_id=ref)


def _keep(ctx: StepContext, name: str, blocks: Iterator[bytes]) -> str:
    disk.write(ctx.tenant.id, _part(ctx.run_id, name), streams.reader(_cancellable(ctx, blocks)), limit=_LIMIT)
    return name


def _part(run_id: UUID, name: str) -> ObjectPath:
    return ObjectPath(BUCKET, f"{run_id}/parts/{name}")


def _cancellable(ctx: StepContext, blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        ctx.check_cancelled()
        yield block


def _told(ctx: StepContext, entries: list[Entry]) -> Iterator[Entry]:
    for place, (name, content) in enumerate(entries):
        ctx.progress(place / (len(entries) + 1), f"Packing {name}"[:120])
        yield name, lambda content=content: _cancellable(ctx, iter(content()))  # type: ignore[misc]


def _part_entries(ctx: StepContext, names: list[str]) -> Iterator[Entry]:
    for name in names:
        yield name, _opening(ctx.tenant.id, _part(ctx.run_id, name))


def _object_entries(tenant: TenantRef) -> Iterator[Entry]:
    for bucket in Bucket.objects.exclude(name=BUCKET).order_by("name"):
        for each in disk.listing(tenant.id, bucket.name, ""):
            yield f"objects/{bucket.name}/{each.key}", _opening(tenant.id, ObjectPath(bucket.name, each.key))


def _opening(tenant_id: UUID, path: ObjectPath) -> Callable[[], Iterator[bytes]]:
    return lambda: streams.blocks_of(stored.open_object(tenant_id, path)[0])


def _warehouse_entries(tenant: TenantRef) -> Iterator[Entry]:
    folder = warehouse_files.folder_of(tenant.id)
    for file in sorted(folder.rglob("*.parquet")):
        yield f"warehouse/{file.relative_to(folder).as_posix()}", _reading(file)


def _reading(file: Path) -> Callable[[], Iterator[bytes]]:
    return lambda: streams.blocks_of(file.open("rb"))


def _manifest(tenant: TenantRef, hashes: Hashes, left_out: list[str]) -> Entry:
    body = {
        "format": "atom.export.v1",
        "tenant": {"id": str(tenant.id), "slug": tenant.slug, "name": tenant.name},
        "made_at": clock.now().isoformat(),
        "left_out": {
            "tables": left_out,
            "why": "They hold sealed secrets or keys, which leave the installation never.",
        },
        "files": [{"name": name, "bytes": size, "sha256": digest} for name, size, digest in hashes],
    }
    return "manifest.json", lambda: [orjson.dumps(body, option=orjson.OPT_INDENT_2)]
