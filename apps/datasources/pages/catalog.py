"""Pages of the catalog: tables, one table, profiling with its progress."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core import paging
from apps.core.errors import InvalidInput
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.datasources.models import CatalogTable, ProfileState
from apps.datasources.pages.catalog_contexts import (
    CatalogContext,
    ProgressContext,
    SampleContext,
    column_line,
    parse_id,
    table_context,
)
from apps.datasources.selectors import catalog, registry
from apps.datasources.services import columns, profile_cost, profiling, samples
from apps.workflows.selectors import runs
from apps.workflows.services.announce import topic_of

PAGE_SIZE = 50


@require_safe
@page(scope=Scope.CATALOG_READ)
def index(request: HttpRequest) -> HttpResponse:
    """`data/catalog/`."""
    actor = request.actor  # type: ignore[attr-defined]
    text = request.GET.get("q", "").strip()[:120]
    chosen = parse_id(request.GET.get("datasource", ""))
    rows = catalog.list_tables(actor, chosen, text=text)
    found = paging.paginate(
        rows, order=("dataset", "name", "id"), cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE
    )
    context = CatalogContext(
        tables=found.items,
        next_cursor=found.next_cursor,
        datasources=catalog.list_warehouses(actor),
        chosen=str(chosen or ""),
        text=text,
        can_profile=actor.has(Scope.CATALOG_PROFILE),
    )
    return render_page(
        request, "datasources/catalog/list.html", context, fragment="datasources/catalog/partials/_tables.html"
    )


@require_safe
@page(scope=Scope.CATALOG_READ)
def detail(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """`data/catalog/<id>/`."""
    actor = request.actor  # type: ignore[attr-defined]
    table = catalog.get_table_for(actor, table_id)
    return render_page(request, "datasources/catalog/table.html", table_context(actor, table))


@require_safe
@page(scope=Scope.QUERIES_RUN)
def sample(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """`data/catalog/<id>/sample`: a fragment with some rows."""
    actor = request.actor  # type: ignore[attr-defined]
    result = samples.draw(actor, catalog.get_table_for(actor, table_id))
    context = SampleContext(result.columns, result.rows, result.redacted, result.simulated, result.query_hash)
    return render_page(request, "datasources/catalog/partials/_sample.html", context)


@require_safe
@page(scope=Scope.CATALOG_PROFILE)
def cost(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """`data/catalog/<id>/cost`: a fragment that says what reading every row costs, with the button that does it."""
    actor = request.actor  # type: ignore[attr-defined]
    table = catalog.get_table_for(actor, table_id)
    wish = profiling.ProfileInput(datasource_id=table.datasource_id, tables=[str(table)], full=True)
    found = profile_cost.estimate(actor, wish)
    return render_page(request, "datasources/catalog/partials/_cost.html", {"cost": found})


@require_POST
@page(scope=Scope.CATALOG_WRITE)
def edit_column(request: HttpRequest, column_id: UUID) -> HttpResponseBase:
    """`data/catalog/columns/<id>`: description and meaning, from the table page."""
    actor = request.actor  # type: ignore[attr-defined]
    changes: dict[str, object] = {}
    if "description" in request.POST:
        changes["description"] = request.POST["description"].strip()[:2000]
    if "semantic" in request.POST:
        changes["semantic"] = request.POST["semantic"] or None
    column = columns.edit(actor, column_id, changes)
    if request.headers.get("HX-Request") == "true":
        table = catalog.get_table_for(actor, column.table_id)
        context = table_context(actor, table)
        return render_page(
            request,
            "datasources/catalog/partials/_column.html",
            {"line": column_line(column, table), "semantics": context.semantics, "can_write": True, "open": True},
        )
    return HttpResponseRedirect(reverse("datasources:catalog_table", args=[column.table_id]))


@require_POST
@page(scope=Scope.CATALOG_PROFILE)
def profile(request: HttpRequest) -> HttpResponseBase:
    """`data/catalog/profile`: start profiling (or join) and go to its progress."""
    actor = request.actor  # type: ignore[attr-defined]
    datasource_id = parse_id(request.POST.get("datasource_id", ""))
    if datasource_id is None:
        raise InvalidInput("Choose a datasource to profile.")
    wish = profiling.ProfileInput(
        datasource_id=datasource_id, tables=request.POST.getlist("tables"), full=request.POST.get("full") == "1"
    )
    run = profiling.start(actor, wish)
    if run.joined:
        messages.info(request, "A profile of this datasource is under way; this is it.")
    return HttpResponseRedirect(reverse("datasources:catalog_progress", args=[run.id]))


@require_safe
@page(scope=Scope.CATALOG_READ)
def progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """`data/catalog/profile/<run>/`: live; can be left and found again."""
    actor = request.actor  # type: ignore[attr-defined]
    run = runs.get_run_for(actor, run_id)
    datasource = registry.get_datasource_for(actor, UUID(str(run.input["datasource_id"])))
    tables = list(catalog.list_tables(actor, datasource.id).order_by("dataset", "name"))
    touched = [table for table in tables if table.profile_run_id == run.id]
    protected, to_review = catalog.count_personal_data(datasource.id)
    context = ProgressContext(
        run=run,
        topic=topic_of(run.id),
        datasource=datasource,
        tables=tables,
        done=len(touched),
        total=len(run.input.get("tables") or tables),
        failed=_failed(touched),
        message="",
        protected=protected,
        to_review=to_review,
    )
    return render_page(
        request, "datasources/catalog/progress.html", context, fragment="datasources/catalog/partials/_progress.html"
    )


def _failed(tables: list[CatalogTable]) -> int:
    return sum(table.state == ProfileState.FAILED for table in tables)
