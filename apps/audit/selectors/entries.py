"""Reading the audit trail: search by actor, action, object and time, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.audit.models import Entry, Person
from apps.core.actor import Actor
from apps.core.paging import Page, paginate
from apps.core.permissions import Scope


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What to look for; empty fields do not narrow."""

    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None


def list_entries_for(actor: Actor, search: EntryFilter, *, cursor: str | None = None, limit: int = 50) -> Page[Entry]:
    """One page of entries, newest first; raises Forbidden without audit:read."""
    actor.require(Scope.AUDIT_READ)
    rows = Entry.objects.all()
    if search.actor:
        refs = Person.objects.filter(label__icontains=search.actor).values("ref")
        rows = rows.filter(Q(actor_ref__in=refs) | Q(actor_kind=search.actor))
    if search.action:
        rows = rows.filter(action__startswith=search.action)
    for name in ("object_type", "object_id", "outcome"):
        if value := getattr(search, name):
            rows = rows.filter(**{name: value})
    if search.since:
        rows = rows.filter(at__gte=search.since)
    if search.until:
        rows = rows.filter(at__lt=search.until)
    return paginate(rows, order=("-seq",), cursor=cursor, limit=limit)


def labels_of(entries: list[Entry]) -> dict[UUID, str]:
    """Readable names of the pseudonyms on a page, in one query; a destroyed one is missing."""
    refs = {entry.actor_ref for entry in entries if entry.actor_ref}
    return dict(Person.objects.filter(ref__in=refs).values_list("ref", "label"))


def as_json(entry: Entry, labels: dict[UUID, str]) -> dict[str, Any]:
    """One entry for programs and pages."""
    return {
        "id": str(entry.id),
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "actor": labels.get(entry.actor_ref, "") if entry.actor_ref else entry.actor_kind,
        "actor_kind": entry.actor_kind,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "decision": entry.decision,
        "outcome": entry.outcome,
        "request_id": entry.request_id,
        "sha256": entry.sha256,
        "summary": entry.summary,
        "hash": bytes(entry.hash).hex(),
    }
