"""Reading the audit trail: search by actor, action, object, outcome, request and time, newest first.

Every filter is turned into a condition on an index that ends in `seq` before the page is asked for, so a page costs
the same among a hundred entries or a million.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from apps.audit.models import Entry, Person
from apps.core.actor import Actor, ActorKind
from apps.core.errors import NotFound
from apps.core.ids import parse_id
from apps.core.paging import Page, paginate
from apps.core.permissions import Scope

BATCH: Final = 1_000
MOST_PEOPLE: Final = 200
# One step of the index for each action there is, however many entries.
_ACTIONS: Final = """
    WITH RECURSIVE found AS (
        (SELECT action FROM audit_entry ORDER BY action LIMIT 1)
        UNION ALL
        SELECT (SELECT e.action FROM audit_entry e WHERE e.action > found.action ORDER BY e.action LIMIT 1)
          FROM found WHERE found.action IS NOT NULL)
    SELECT action FROM found WHERE action IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What to look for; empty fields do not narrow. `actor`: part of a name, an id, a pseudonym or a kind of caller."""

    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    decision: str = ""
    outcome: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


def list_entries_for(actor: Actor, search: EntryFilter, *, cursor: str | None = None, limit: int = 50) -> Page[Entry]:
    """One page of entries, newest first; raises Forbidden without audit:read."""
    actor.require(Scope.AUDIT_READ)
    return paginate(_matching(search), order=("-seq",), cursor=cursor, limit=limit)


def get_entry_for(actor: Actor, entry_id: UUID) -> Entry:
    """One entry; raises Forbidden without audit:read, NotFound for one of another chain."""
    actor.require(Scope.AUDIT_READ)
    found = Entry.objects.filter(id=entry_id).first()
    if found is None:
        raise NotFound("There is no such audit entry.")
    return found


def stream_entries_for(actor: Actor, search: EntryFilter) -> Iterator[list[Entry]]:
    """All matching entries, newest first, in batches: flat memory, and no cursor held open between them."""
    actor.require(Scope.AUDIT_READ)
    rows = _matching(search).order_by("-seq")
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(seq__lt=batch[-1].seq)[:BATCH])


def list_actions() -> list[str]:
    """Every action that was ever recorded here, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIONS)
        return [row[0] for row in cursor.fetchall()]


def _matching(search: EntryFilter) -> QuerySet[Entry]:
    rows = Entry.objects.all()
    if search.actor:
        rows = _by(rows, search.actor)
    if search.action:
        rows = rows.filter(action__in=[name for name in list_actions() if name.startswith(search.action)])
    for name in ("object_type", "object_id", "decision", "outcome", "request_id"):
        if value := getattr(search, name):
            rows = rows.filter(**{name: value})
    return _between(rows, search.since, search.until)


def _by(rows: QuerySet[Entry], text: str) -> QuerySet[Entry]:
    if text in set(ActorKind):
        return rows.filter(actor_kind=text)
    given = parse_id(text)
    people = Person.objects.filter(actor_id=given) if given else Person.objects.filter(label__icontains=text)
    found = list(people.values_list("kind", "ref")[:MOST_PEOPLE])
    who = [ref for kind, ref in found if kind != "address"] + ([given] if given else [])
    where = [ref for kind, ref in found if kind == "address"]
    if not where:
        return rows.filter(actor_ref__in=who)
    return rows.filter(Q(actor_ref__in=who) | Q(address_ref__in=where))


def _between(rows: QuerySet[Entry], since: datetime | None, until: datetime | None) -> QuerySet[Entry]:
    """Times become numbers: entries are in the order of time, and the other indexes end in the number."""
    if since:
        first = Entry.objects.filter(at__gte=since).order_by("at", "seq").values_list("seq", flat=True).first()
        rows = rows.filter(seq__gte=first) if first is not None else rows.none()
    if until:
        after = Entry.objects.filter(at__gte=until).order_by("at", "seq").values_list("seq", flat=True).first()
        rows = rows.filter(seq__lt=after) if after is not None else rows
    return rows


def labels_of(entries: list[Entry]) -> dict[UUID, str]:
    """Readable names and addresses behind the pseudonyms of a page, in one query; a destroyed one is missing."""
    refs = {ref for entry in entries for ref in (entry.actor_ref, entry.address_ref) if ref}
    return dict(Person.objects.filter(ref__in=refs).values_list("ref", "label"))


def as_json(entry: Entry, labels: dict[UUID, str]) -> dict[str, Any]:
    """One entry for programs and pages."""
    return {
        "id": str(entry.id),
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "actor": labels.get(entry.actor_ref, "") if entry.actor_ref else entry.actor_kind,
        "actor_ref": str(entry.actor_ref) if entry.actor_ref else None,
        "actor_kind": entry.actor_kind,
        "address": labels.get(entry.address_ref, "") if entry.address_ref else "",
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
