"""After commit: events go to their subscribers, entries of the chain to the append-only `audit.log`."""

import fcntl
import os
from pathlib import Path
from typing import Any

import orjson
import structlog
from django.db import transaction

from apps.audit import registry
from apps.audit.models import Entry, OutboxEvent
from apps.core import clock
from apps.core.logging import log_folder
from apps.core.tenant import TenantRef
from atom_project.config import config

log = structlog.get_logger(__name__)
BATCH = 500
MAX_ATTEMPTS = 5


def relay_events(_ref: str, _tenant: TenantRef | None) -> None:
    """Wake-up handler: hand waiting events to their subscribers, oldest first, each marked when all took it."""
    while _relay_batch() == BATCH:
        pass


def _relay_batch() -> int:
    with transaction.atomic():
        waiting = OutboxEvent.objects.select_for_update(skip_locked=True).filter(
            published_at=None, attempts__lt=MAX_ATTEMPTS
        )
        events = list(waiting.order_by("id")[:BATCH])
    for event in events:
        _deliver(event)
    return len(events)


def _deliver(event: OutboxEvent) -> None:
    body = {"id": str(event.id), "name": event.name, "created_at": event.created_at.isoformat(), **event.payload}
    for handler in registry.subscribers(event.name):
        try:
            handler(body)
        except Exception as error:
            log.exception("event_handler_failed", event_name=event.name, handler=handler.__name__)
            OutboxEvent.objects.filter(id=event.id).update(attempts=event.attempts + 1)
            if event.attempts + 1 < MAX_ATTEMPTS:
                raise RuntimeError(f"event {event.name} will be delivered again") from error
            # Kept, unpublished: it holds up the rest no longer, and nobody is told that it arrived.
            log.error("event_dead", event_name=event.name, event_id=str(event.id))
            return
    OutboxEvent.objects.filter(id=event.id).update(published_at=clock.now())


def relay_log(_ref: str, tenant: TenantRef | None) -> None:
    """Wake-up handler: append entries of the chain that are not yet in `audit.log` (JSON lines, one file)."""
    path = log_folder(config.log_dir, config.state_dir) / "audit.log"
    with _Position(_state_file(tenant)) as state:
        last = int(state.read() or 0)
        while rows := list(Entry.objects.filter(seq__gt=last).order_by("seq")[:BATCH]):
            _append_lines(path, [_line(row, tenant) for row in rows])
            last = rows[-1].seq
            state.seek(0)
            state.write(str(last))
            state.truncate()
            state.flush()


def _state_file(tenant: TenantRef | None) -> Path:
    folder = config.state_dir / "audit-relay"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / (tenant.id.hex if tenant else "platform")


class _Position:
    """The relay's position of one chain, held by one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Any:
        self.file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        fcntl.flock(self.file, fcntl.LOCK_EX)
        return self.file

    def __exit__(self, *exc: object) -> None:
        self.file.close()


def _append_lines(path: Path, lines: list[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(descriptor, b"".join(lines))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(row: Entry, tenant: TenantRef | None) -> bytes:
    fields = {
        "tenant": str(tenant.id) if tenant else None,
        "seq": row.seq,
        "at": row.at,
        "actor": row.actor_ref,
        "actor_kind": row.actor_kind,
        "action": row.action,
        "object_type": row.object_type,
        "object_id": row.object_id,
        "decision": row.decision,
        "outcome": row.outcome,
        "request_id": row.request_id,
        "sha256": row.sha256,
        "summary": row.summary,
        "hash": bytes(row.hash).hex(),
    }
    return orjson.dumps(fields, default=str) + b"\n"
