"""The audit log for people: search, page, verify the chain."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from apps.audit.contracts import Verification
from apps.audit.models import Entry
from apps.audit.selectors import entries
from apps.audit.selectors.entries import EntryFilter
from apps.audit.services import verify
from apps.core import tenant as tenant_context
from apps.core.pages import page, render_page
from apps.core.permissions import Scope

PAGE_SIZE = 50
OUTCOMES = ("ok", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the readable name of who did it."""

    entry: Entry
    who: str
    facts: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class LogContext:
    """What the audit log shows."""

    lines: list[Line]
    next_cursor: str | None
    search: dict[str, str]
    outcomes: tuple[str, ...]
    is_filtered: bool


@require_safe
@page(scope=Scope.AUDIT_READ)
def log(request: HttpRequest) -> HttpResponse:
    """`operations/audit/`."""
    actor = request.actor  # type: ignore[attr-defined]
    asked = {
        name: request.GET.get(name, "").strip()
        for name in ("actor", "action", "object_type", "object_id", "outcome", "since", "until")
    }
    found = entries.list_entries_for(actor, _filter(asked), cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE)
    labels = entries.labels_of(found.items)
    lines = [Line(entry, _who(entry, labels), entry.summary, bytes(entry.hash).hex()) for entry in found.items]
    context = LogContext(lines, found.next_cursor, asked, OUTCOMES, any(asked.values()))
    return render_page(request, "audit/log.html", context, fragment="audit/partials/_entries.html")


@require_POST
@page(scope=Scope.AUDIT_READ)
def check(request: HttpRequest) -> HttpResponse:
    """`operations/audit/verify`: the whole chain is checked in the database; answers the badge."""
    result: Verification = verify.verify_chain()
    return render_page(request, "audit/verified.html", {"result": result}, fragment="audit/partials/_verified.html")


def _who(entry: Entry, labels: dict[Any, str]) -> str:
    if entry.actor_ref is None:
        return entry.actor_kind
    return labels.get(entry.actor_ref, "(removed person)")


def _filter(asked: dict[str, str]) -> EntryFilter:
    return EntryFilter(
        **{name: asked[name] for name in ("actor", "action", "object_type", "object_id", "outcome")},
        since=_moment(asked["since"]),
        until=_moment(asked["until"]),
    )


def _moment(text: str) -> datetime | None:
    """A `datetime-local` value, read in the workspace's zone."""
    try:
        found = parse_datetime(text) if text else None
    except ValueError:
        return None
    if found is None or found.tzinfo is not None:
        return found
    return found.replace(tzinfo=ZoneInfo(tenant_context.require().timezone))
