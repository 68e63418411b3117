"""Pages where people decide: recommended tables, and suspected personal data."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.core.actor import Actor
from apps.core.api import validated
from apps.core.errors import InvalidInput
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.datasources.contracts import ROLE_NAMES, TableRole
from apps.datasources.engine.recommend.semantic_fields import FieldChanges
from apps.datasources.models import Datasource, Recommendation, RecommendationStatus
from apps.datasources.pages.catalog_contexts import parse_id
from apps.datasources.pages.recommendation_contexts import ReviewContext, advice_line
from apps.datasources.selectors import catalog
from apps.datasources.services import recommendations
from apps.datasources.services.recommendations import Decision

AT_MOST = 300


@require_safe
@page(scope=Scope.CATALOG_READ)
def index(request: HttpRequest) -> HttpResponse:
    """`data/recommendations/`."""
    actor = request.actor  # type: ignore[attr-defined]
    return _page(request, actor, parse_id(request.GET.get("datasource", "")))


@require_POST
@page(scope=Scope.CATALOG_WRITE)
def decide(request: HttpRequest) -> HttpResponseBase:
    """`data/recommendations/decide`: one row (`one=confirm:<id>`) or all that are ticked (`bulk=confirm|reject`)."""
    actor = request.actor  # type: ignore[attr-defined]
    verb, ids = _wanted(request.POST)
    datasource_id = parse_id(request.POST.get("datasource", ""))
    decisions = [
        Decision(row, verb == "confirm", _changes(request.POST, row) if verb == "confirm" else None) for row in ids
    ]
    try:
        rows = recommendations.decide(actor, decisions)
    except InvalidInput as error:
        return _page(request, actor, datasource_id, error=error.message, status=422)
    messages.success(request, _sentence(verb, len(rows)))
    query = urlencode({"datasource": str(datasource_id)}) if datasource_id else ""
    return HttpResponseRedirect(f"{reverse('datasources:recommendations')}?{query}", status=303)


def _page(
    request: HttpRequest, actor: Actor, wanted: UUID | None, *, error: str = "", status: int = 200
) -> HttpResponse:
    sources = catalog.list_warehouses(actor)
    source = _chosen(sources, wanted)
    rows = _rows(actor, source) if source else []
    context = ReviewContext(
        lines=[advice_line(row) for row in rows if not _is_reference(row) and row.status != "rejected"],
        reference=[advice_line(row) for row in rows if _is_reference(row) and row.status != "rejected"],
        rejected=[advice_line(row) for row in rows if row.status == "rejected"],
        datasources=sources,
        datasource=source,
        pending=sum(row.status == RecommendationStatus.PENDING for row in rows),
        confirmed=sum(row.status == RecommendationStatus.CONFIRMED for row in rows),
        roles=[(role.value, name) for role, name in ROLE_NAMES.items()],
        can_write=actor.has(Scope.CATALOG_WRITE),
    )
    if error:
        messages.error(request, error)
    return render_page(request, "datasources/catalog/recommendations.html", context, status=status)


def _rows(actor: Actor, source: Datasource) -> list[Recommendation]:
    rows = catalog.list_recommendations(actor, source.id).prefetch_related("table__columns")
    return list(rows.order_by("-confidence", "id")[:AT_MOST])


def _chosen(sources: list[Datasource], wanted: UUID | None) -> Datasource | None:
    named = next((source for source in sources if source.id == wanted), None)
    if named is not None or not sources:
        return named
    advised = set(
        Recommendation.objects.filter(datasource__in=sources).values_list("datasource_id", flat=True).distinct()
    )
    return next((source for source in sources if source.id in advised), sources[0])


def _is_reference(row: Recommendation) -> bool:
    return row.role == TableRole.CONFIG


def _wanted(form: QueryDict) -> tuple[str, list[UUID]]:
    one = form.get("one", "")
    verb, _, row = one.partition(":")
    if not one:
        verb = form.get("bulk", "")
    ids = [parse_id(row)] if one else [parse_id(text) for text in form.getlist("ids")]
    found = [row_id for row_id in ids if row_id is not None]
    if verb not in {"confirm", "reject"} or not found:
        raise InvalidInput("Tick at least one table first.")
    return verb, found


def _changes(form: QueryDict, row: UUID) -> FieldChanges | None:
    """The fields of a row as the form has them; None when the form does not show them."""
    if f"role-{row}" not in form:
        return None
    values = {
        "role": form.get(f"role-{row}"),
        "time_column": form.get(f"time-{row}") or None,
        "amount_column": form.get(f"amount-{row}") or None,
        "entity_key": form.get(f"entity-{row}") or None,
        "dimensions": form.getlist(f"dimensions-{row}")[:20],
    }
    return validated(FieldChanges, values)


def _sentence(verb: str, count: int) -> str:
    if verb == "confirm":
        return ngettext("%d table confirmed.", "%d tables confirmed.", count) % count
    return (
        ngettext("%d table rejected; it will not come back.", "%d tables rejected; they will not come back.", count)
        % count
    )
