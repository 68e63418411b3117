"""After commit: events go to their subscribers, entries of the chain to the append-only `audit.log`."""

from typing import Any

import orjson
import structlog
from django.db import transaction

from apps.audit import registry
from apps.audit.connectors.audit_log import AuditLog
from apps.audit.models import Entry, OutboxEvent
from apps.audit.services import anchors
from apps.core import clock
from apps.core.db import roles
from apps.core.tenant import TenantRef

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
    """Wake-up handler: append entries of the chain that are not yet in `audit.log` (JSON lines, one an entry)."""
    with AuditLog() as log_file:
        chain = anchors.chain_name(tenant)
        last = log_file.position(chain)
        while rows := list(Entry.objects.filter(seq__gt=last).order_by("seq")[:BATCH]):
            last = rows[-1].seq
            log_file.append(chain, last, [_line(row, tenant) for row in rows])
    anchors.ensure_scheduled()


def _line(row: Entry, tenant: TenantRef | None) -> bytes:
    fields: dict[str, Any] = {
        "installation": roles.prefix(),
        "tenant": str(tenant.id) if tenant else None,
        "seq": row.seq,
        "at": row.at,
        "actor": row.actor_ref,
        "address": row.address_ref,
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
