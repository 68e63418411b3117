"""Pages of memos: the list with the form that asks for one, one memo, its earlier versions."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core import paging
from apps.core.actor import Actor
from apps.core.errors import AtomError, InvalidInput
from apps.core.ids import parse_id
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.dashboards.pages.boards import active_sources, under_way
from apps.dashboards.selectors import dashboards
from apps.datasources.models import Datasource
from apps.memos.flows import GENERATE
from apps.memos.models import Memo
from apps.memos.pages import contexts
from apps.memos.selectors import memos
from apps.memos.services import requests

PAGE_SIZE = 25


@require_safe
@page(scope=Scope.MEMO_READ)
def index(request: HttpRequest) -> HttpResponse:
    """`autopilot/memos/`."""
    actor = _actor(request)
    search = request.GET.get("q", "").strip()[:100]
    rows = memos.list_for(actor, text=search)
    found = paging.paginate(
        rows, order=("-generated_at", "-id"), cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE
    )
    sources = active_sources(actor)
    context = contexts.ListContext(
        memos=found.items,
        next_cursor=found.next_cursor,
        search=search,
        sources=sources,
        source_names={source.id: source.name for source in sources},
        runs=under_way(actor, GENERATE.name),
        can_generate=actor.has(Scope.MEMO_GENERATE),
        tz=request.tenant.timezone,  # type: ignore[attr-defined]
    )
    return render_page(request, "memos/list.html", context, fragment="memos/partials/_list.html")


@require_POST
@page(scope=Scope.MEMO_GENERATE)
def generate(request: HttpRequest) -> HttpResponseBase:
    """`autopilot/memos/generate`."""
    try:
        source = parse_id(request.POST.get("datasource", ""))
        if source is None:
            raise InvalidInput("Choose a datasource.")
        requests.start(_actor(request), source, week=request.POST.get("week", "").strip())
    except AtomError as error:
        steps = " ".join(step.label for step in error.next_steps)
        messages.error(request, f"{error.message} {steps}".strip())
    response = HttpResponseRedirect(reverse("memos:list"))
    response.status_code = 303
    return response


@require_safe
@page(scope=Scope.MEMO_READ)
def detail(request: HttpRequest, memo_id: UUID) -> HttpResponse:
    """`autopilot/memos/<id>/`."""
    memo = memos.get_for(_actor(request), memo_id)
    return _memo(request, memo, memo.version)


@require_safe
@page(scope=Scope.MEMO_READ)
def version(request: HttpRequest, memo_id: UUID, number: int) -> HttpResponse:
    """`autopilot/memos/<id>/versions/<n>/`: an earlier version, read-only."""
    return _memo(request, memos.get_for(_actor(request), memo_id), number)


def _memo(request: HttpRequest, memo: Memo, number: int) -> HttpResponse:
    actor = _actor(request)
    content = memos.content_of(actor, memo, number)
    packet, document = content["packet"], content["document"]
    versions = list(memos.versions_of(actor, memo)[:50])
    made_at = next((known.created_at for known in versions if known.number == number), memo.generated_at)
    source = Datasource.objects.filter(id=memo.datasource_id).first()
    others = memos.list_for(actor, datasource_id=memo.datasource_id).filter(last_day__lt=memo.last_day)
    causes = document["likely_causes"]
    context = contexts.MemoContext(
        memo=memo,
        source_name=source.name if source else "",
        version=number,
        is_current=number == memo.version,
        versions=versions,
        generated_at=made_at,
        window=packet["window"],
        packet_sha256=content["packet_sha256"],
        writer=content["writer"],
        status=content["validation"]["status"],
        warnings=content["validation"]["warnings"],
        headline=contexts.paragraphs("headline", document["headline"], packet),
        changes=contexts.changes(document, packet),
        charts=contexts.charts(packet),
        causes=contexts.paragraphs(
            "likely_causes", [row["text"] for row in causes], packet, [row["evidence_type"] for row in causes]
        ),
        actions=contexts.paragraphs("actions", document["actions"], packet),
        notes=contexts.paragraphs(
            "data_quality",
            [row["text"] for row in document["data_quality"]],
            packet,
            [note["level"] for note in packet["data_quality"]],
        ),
        queries=contexts.queries(packet),
        dashboards=_boards(actor, memo, packet),
        earlier=list(others.order_by("-last_day")[:8]),
        can_generate=actor.has(Scope.MEMO_GENERATE),
    )
    return render_page(request, "memos/memo.html", context)


def _boards(actor: Actor, memo: Memo, packet: dict[str, Any]) -> list[tuple[str, str]]:
    """Dashboards of the same source, opened on the memo's week and zone."""
    window = packet["window"]["current"]
    query = urlencode({"from": window["from"], "to": window["to"], "tz": window["tz"]})
    rows = dashboards.list_for(actor, datasource_id=memo.datasource_id).order_by("title")[:10]
    return [(row.title, f"{reverse('dashboards:board', args=[row.id])}?{query}") for row in rows]


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
