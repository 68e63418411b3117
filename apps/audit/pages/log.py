"""The audit log for people: search, page, look at one entry, export, verify the chain, say how long things are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.audit.contracts import Verification
from apps.audit.models import Entry
from apps.audit.selectors import entries
from apps.audit.selectors.entries import EntryFilter
from apps.audit.services import export, retention, verify
from apps.audit.services.export import ExportFormat
from apps.core import tenant as tenant_context
from apps.core.errors import InvalidInput
from apps.core.pages import page, render_page
from apps.core.permissions import Scope

PAGE_SIZE = 50
OUTCOMES = ("ok", "refused", "failed")
TEXTS = ("actor", "action", "object_type", "object_id", "decision", "outcome", "request_id")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the readable names of who did it and from where."""

    entry: Entry
    who: str
    address: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a diff."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class LogContext:
    """What the audit log shows."""

    lines: list[Line]
    next_cursor: str | None
    search: dict[str, str]
    outcomes: tuple[str, ...]
    actions: list[str]
    is_filtered: bool
    formats: tuple[ExportFormat, ...]
    rule: retention.Rule
    may_change_rule: bool


@dataclass(frozen=True, slots=True)
class EntryContext:
    """What the page of one entry shows."""

    line: Line
    changes: list[Change]
    facts: dict[str, Any]
    hash: str
    before_hash: str


@require_safe
@page(scope=Scope.AUDIT_READ)
def log(request: HttpRequest) -> HttpResponse:
    """`operations/audit/`."""
    actor = request.actor  # type: ignore[attr-defined]
    asked = _asked(request)
    found = entries.list_entries_for(actor, _filter(asked), cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE)
    context = LogContext(
        lines=_lines(found.items),
        next_cursor=found.next_cursor,
        search=asked,
        outcomes=OUTCOMES,
        actions=entries.list_actions(),
        is_filtered=any(asked.values()),
        formats=tuple(ExportFormat),
        rule=retention.rule(),
        may_change_rule=actor.has(Scope.SETTINGS_MANAGE),
    )
    return render_page(request, "audit/log.html", context, fragment="audit/partials/_entries.html")


@require_safe
@page(scope=Scope.AUDIT_READ)
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """`operations/audit/<id>`: one entry with what it changed."""
    found = entries.get_entry_for(request.actor, entry_id)  # type: ignore[attr-defined]
    changes, facts = _diff(found.summary)
    context = EntryContext(
        line=_lines([found])[0],
        changes=changes,
        facts=facts,
        hash=bytes(found.hash).hex(),
        before_hash=bytes(found.prev_hash).hex(),
    )
    return render_page(request, "audit/entry.html", context)


@require_safe
@page(scope=Scope.AUDIT_READ)
def download(request: HttpRequest) -> HttpResponseBase:
    """`operations/audit/export`: what the filters show, as a file."""
    try:
        kind = ExportFormat(request.GET.get("format", ExportFormat.CSV))
    except ValueError:
        raise InvalidInput("An export is “csv” or “jsonl”.") from None
    blocks = export.export(request.actor, _filter(_asked(request)), kind)  # type: ignore[attr-defined]
    response = StreamingHttpResponse(blocks, content_type=kind.media_type)
    response["Content-Disposition"] = f'attachment; filename="audit.{kind}"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page(scope=Scope.AUDIT_READ)
def check(request: HttpRequest) -> HttpResponse:
    """`operations/audit/verify`: the whole chain is checked in the database; answers the badge."""
    result: Verification = verify.verify_chain()
    return render_page(request, "audit/verified.html", {"result": result}, fragment="audit/partials/_verified.html")


@require_POST
@page(scope=Scope.SETTINGS_MANAGE)
def keep(request: HttpRequest) -> HttpResponse:
    """`operations/audit/retention`: how long names, and after a purge entries, are kept."""
    days = request.POST.get("keep_days", "")
    wanted = retention.Rule(int(days) if days.isdecimal() else 0, "legal_hold" in request.POST)
    try:
        retention.set_rule(request.actor, wanted)  # type: ignore[attr-defined]
    except InvalidInput as error:
        return render_page(request, "audit/retention.html", {"rule": wanted, "problem": error.message}, status=422)
    messages.success(request, _("Saved. The change is in the log."))
    answer = redirect("audit:log")
    answer.status_code = 303
    return answer


def _lines(found: list[Entry]) -> list[Line]:
    labels = entries.labels_of(found)
    return [
        Line(each, _who(each, labels), labels.get(each.address_ref, "") if each.address_ref else "") for each in found
    ]


def _who(entry: Entry, labels: dict[UUID, str]) -> str:
    if entry.actor_ref is None:
        return entry.actor_kind
    return labels.get(entry.actor_ref, _("(removed person)"))


def _diff(summary: dict[str, Any]) -> tuple[list[Change], dict[str, Any]]:
    """`changes` of the shape {field: [before, after]} as a table; everything else as facts."""
    given = summary.get("changes")
    if not isinstance(given, dict) or not all(isinstance(pair, list) and len(pair) == 2 for pair in given.values()):
        return [], summary
    rest = {name: value for name, value in summary.items() if name != "changes"}
    return [Change(name, before, after) for name, (before, after) in given.items()], rest


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in (*TEXTS, "since", "until")}


def _filter(asked: dict[str, str]) -> EntryFilter:
    return EntryFilter(
        **{name: asked[name] for name in TEXTS}, since=_moment(asked["since"]), until=_moment(asked["until"])
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
