"""Pages of dashboards: the list with the generator, one dashboard, its earlier versions."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.artifacts.selectors import artifacts
from apps.core import clock, paging
from apps.core.actor import Actor
from apps.core.errors import AtomError, InvalidInput
from apps.core.ids import parse_id
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.dashboards.contracts import Estimates, Plan
from apps.dashboards.engine.layout import GRID_UNITS
from apps.dashboards.engine.period import local_day
from apps.dashboards.engine.templates import TEMPLATES
from apps.dashboards.flows import GENERATE
from apps.dashboards.models import Dashboard
from apps.dashboards.pages.contexts import BoardContext, BoardCost, EstimateContext, Line, ListContext, ShownCard
from apps.dashboards.pages.zones import viewer_zone
from apps.dashboards.selectors import dashboards
from apps.dashboards.services import cards, requests
from apps.datasources.enums import DatasourceStatus, DatasourceType
from apps.datasources.models import Datasource
from apps.datasources.selectors import registry
from apps.workflows.models import WorkflowRun
from apps.workflows.selectors import runs as run_reads

PAGE_SIZE = 25
PRESETS = (7, 14, 28, 90)
WAREHOUSES = (DatasourceType.SANDBOX, DatasourceType.BIGQUERY)


@require_safe
@page(scope=Scope.DASHBOARD_READ)
def index(request: HttpRequest) -> HttpResponse:
    """`autopilot/dashboards/`."""
    actor = _actor(request)
    search = request.GET.get("q", "").strip()[:100]
    rows = dashboards.list_for(actor, text=search)
    found = paging.paginate(
        rows, order=("-generated_at", "-id"), cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE
    )
    sources = active_sources(actor)
    names = {source.id: source.name for source in sources}
    context = ListContext(
        lines=[Line(row, int(getattr(row, "card_count", 0)), names.get(row.datasource_id, "")) for row in found.items],
        next_cursor=found.next_cursor,
        search=search,
        sources=sources,
        chosen_source=parse_id(request.GET.get("datasource", "")) or (sources[0].id if sources else None),
        templates=TEMPLATES,
        runs=under_way(actor, GENERATE.name),
        can_generate=actor.has(Scope.DASHBOARD_GENERATE),
        tz=viewer_zone(request),
    )
    return render_page(request, "dashboards/list.html", context, fragment="dashboards/partials/_list.html")


@require_safe
@page(scope=Scope.DASHBOARD_GENERATE)
def estimate(request: HttpRequest) -> HttpResponse:
    """`autopilot/dashboards/estimate`: what generating would read, as a fragment."""
    try:
        wish = requests.wish_of(
            _actor(request), _source(request.GET), request.GET.getlist("templates"), viewer_zone(request)
        )
        made, costs = requests.estimate(_actor(request), wish)
    except AtomError as error:
        return render_page(request, "dashboards/partials/_estimate.html", EstimateContext([], error=error))
    context = EstimateContext(_board_costs(made, costs), costs, made)
    return render_page(request, "dashboards/partials/_estimate.html", context)


@require_POST
@page(scope=Scope.DASHBOARD_GENERATE)
def generate(request: HttpRequest) -> HttpResponseBase:
    """`autopilot/dashboards/generate`."""
    actor = _actor(request)
    try:
        wish = requests.wish_of(actor, _source(request.POST), request.POST.getlist("templates"), viewer_zone(request))
        requests.start(actor, wish)
    except AtomError as error:
        steps = " ".join(step.label for step in error.next_steps)
        messages.error(request, f"{error.message} {steps}".strip())
    response = HttpResponseRedirect(reverse("dashboards:list"))
    response.status_code = 303
    return response


@require_safe
@page(scope=Scope.DASHBOARD_READ)
def detail(request: HttpRequest, dashboard_id: UUID) -> HttpResponse:
    """`autopilot/dashboards/<id>/`."""
    dashboard = dashboards.get_for(_actor(request), dashboard_id)
    shown = [
        _shown(card.key, card.title, card.kind, card.w, card.h, card.spec) for card in dashboards.cards_of(dashboard)
    ]
    return _board(request, dashboard, shown, dashboard.omitted, dashboard.version)


@require_safe
@page(scope=Scope.DASHBOARD_READ)
def version(request: HttpRequest, dashboard_id: UUID, number: int) -> HttpResponse:
    """`autopilot/dashboards/<id>/versions/<n>/`: an earlier version, read-only."""
    actor = _actor(request)
    dashboard = dashboards.get_for(actor, dashboard_id)
    content = dashboards.content_of_version(actor, dashboard, number)
    shown = [
        _shown(card["key"], card["title"], card["kind"], card["layout"]["w"], card["layout"]["h"], card["spec"])
        for card in content["cards"]
    ]
    return _board(request, dashboard, shown, content["omitted"], number)


def active_sources(actor: Actor) -> list[Datasource]:
    """Warehouses that can be asked: what cards are written for."""
    chosen = registry.Filter(status=DatasourceStatus.ACTIVE)
    return list(registry.list_datasources(actor, chosen).filter(type__in=WAREHOUSES).order_by("name")[:100])


def under_way(actor: Actor, flow: str) -> list[WorkflowRun]:
    """Runs of a flow that have not ended, for those who may see runs."""
    if not actor.has(Scope.WORKFLOW_READ):
        return []
    return [run for run in run_reads.list_unfinished(actor, limit=20) if run.flow == flow]


def _board(
    request: HttpRequest, dashboard: Dashboard, shown: list[ShownCard], omitted: Sequence[dict[str, str]], number: int
) -> HttpResponse:
    actor = _actor(request)
    versions = list(dashboards.versions_of(actor, dashboard)[:50])
    made_at = next((known.created_at for known in versions if known.number == number), dashboard.generated_at)
    source = Datasource.objects.filter(id=dashboard.datasource_id).first()
    tz = viewer_zone(request)
    period = cards.period_of(actor, dashboard, first=_day(request, "from"), last=_day(request, "to"), tz=tz)
    context = BoardContext(
        dashboard=dashboard,
        cards=shown,
        omitted=list(omitted),
        period=period,
        presets=PRESETS,
        source_name=source.name if source else "",
        version=number,
        is_current=number == dashboard.version,
        versions=versions,
        generated_at=made_at,
        can_generate=actor.has(Scope.DASHBOARD_GENERATE),
        data_ended=not (request.GET.get("from") or request.GET.get("to"))
        and period.last < local_day(clock.now(), tz) - timedelta(days=1),
        stale_reason=artifacts.get_for(actor, dashboard.artifact_id).stale_reason,
        runs=under_way(actor, GENERATE.name),
    )
    return render_page(request, "dashboards/board.html", context)


def _board_costs(made: Plan, costs: Estimates) -> list[BoardCost]:
    found = []
    for board in made.boards:
        mine = [card for card in costs.cards if card.template == board.template]
        left_out = [(card.title, card.left_out) for card in mine if card.left_out]
        found.append(BoardCost(board.title, len(mine) - len(left_out), left_out))
    return found


def _shown(key: str, title: str, kind: str, w: int, h: int, spec: dict[str, Any]) -> ShownCard:
    width = "full" if w == GRID_UNITS else "half"
    return ShownCard(key, title, kind, width, h, str(spec.get("description", "")))


def _source(values: Any) -> UUID:
    found = parse_id(values.get("datasource", ""))
    if found is None:
        raise InvalidInput("Choose a datasource.")
    return found


def _day(request: HttpRequest, name: str) -> date | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"“{text[:20]}” is not a day; write 2026-05-31.") from None
    if not date(1970, 1, 1) <= found <= date(2999, 12, 31):
        raise InvalidInput("That day is out of range.")
    return found


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
