"""Pages of the registry: the list with its lights, the connect wizard, one datasource."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core import paging
from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.datasources.contracts import TestReport
from apps.datasources.enums import DatasourceType
from apps.datasources.models import Datasource, DatasourceEvent, DatasourceVersion
from apps.datasources.pages.forms import ConnectForm
from apps.datasources.registry import KINDS, kind_of
from apps.datasources.selectors import registry as reads
from apps.datasources.selectors import warehouse as tables
from apps.datasources.selectors.warehouse import TableSummary
from apps.datasources.services import demo, registry


@dataclass(frozen=True, slots=True)
class ListContext:
    """The list."""

    rows: Sequence[Datasource]
    next_cursor: str | None
    chosen: reads.Filter
    is_filtered: bool
    can_connect: bool


@dataclass(frozen=True, slots=True)
class ConnectContext:
    """The wizard."""

    form: ConnectForm
    title: str
    description: str
    others: Sequence[Any]
    report: TestReport | None = None
    error: AtomError | None = None


@dataclass(frozen=True, slots=True)
class DetailContext:
    """One datasource."""

    row: Datasource
    version: DatasourceVersion | None
    versions: Sequence[DatasourceVersion]
    events: Sequence[DatasourceEvent]
    tables: Sequence[TableSummary]
    type_title: str
    is_sandbox: bool
    can_operate: bool
    can_administer: bool
    can_profile: bool
    can_run: bool
    topic: str
    example: str
    report: TestReport | None = None


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    return actor


@require_safe
@page(scope=Scope.DATASOURCE_VIEWER)
def index(request: HttpRequest) -> HttpResponse:
    """`data/datasources/`."""
    actor = _actor(request)
    chosen = reads.Filter(
        status=request.GET.get("status", ""),
        type=request.GET.get("type", ""),
        text=request.GET.get("q", "").strip()[:100],
    )
    found = paging.paginate(reads.list_datasources(actor, chosen), cursor=request.GET.get("cursor") or None, limit=25)
    is_filtered = bool(chosen.status or chosen.type or chosen.text)
    context = ListContext(found.items, found.next_cursor, chosen, is_filtered, actor.has(Scope.DATASOURCE_ADMIN))
    return render_page(request, "datasources/list.html", context, fragment="datasources/partials/_list.html")


@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.DATASOURCE_ADMIN)
def connect(request: HttpRequest) -> HttpResponse:
    """`data/datasources/new`: tests first, then saves."""
    if request.method != "POST":
        return _wizard(request, ConnectForm())
    form = ConnectForm(request.POST)
    if not form.is_valid():
        return _wizard(request, form, status=422)
    if "test" in request.POST:
        report = registry.try_config(_actor(request), type_name="sandbox", config={})
        return _wizard(request, form, report=report)
    return _connected(request, form)


def _connected(request: HttpRequest, form: ConnectForm) -> HttpResponse:
    actor = _actor(request)
    name, content = form.cleaned_data["name"], form.cleaned_data["content"]
    try:
        row, _ = registry.connect(actor, name=name, type_name="sandbox", config={})
    except AtomError as error:
        return _wizard(request, form, error=error, status=422)
    if content == "own":
        messages.success(request, f"“{row.name}” is connected. Now load your files.")
        return HttpResponseRedirect(reverse("datasources:warehouse"), status=303)
    assert actor.tenant is not None
    if not demo.has_demo(actor.tenant):
        demo.load_demo(actor.tenant, actor=actor)
    messages.success(request, f"“{row.name}” is connected, with the demo company's tables.")
    return HttpResponseRedirect(reverse("datasources:detail", args=[row.id]), status=303)


def _wizard(request: HttpRequest, form: ConnectForm, *, status: int = 200, **fields: Any) -> HttpResponse:
    kind = kind_of("sandbox")
    others = [other for other in KINDS.values() if other.type != kind.type]
    context = ConnectContext(form, kind.title, kind.description, others, **fields)
    return render_page(
        request, "datasources/connect.html", context, fragment="datasources/partials/_test.html", status=status
    )


@require_safe
@page(scope=Scope.DATASOURCE_VIEWER)
def detail(request: HttpRequest, datasource_id: UUID) -> HttpResponse:
    """`data/datasources/<id>/`."""
    return render_page(request, "datasources/detail.html", _detail(request, datasource_id))


def _detail(request: HttpRequest, datasource_id: UUID, report: TestReport | None = None) -> DetailContext:
    actor = _actor(request)
    row = reads.get_datasource_for(actor, datasource_id)
    is_sandbox = row.type == "sandbox"
    found = tables.list_tables(actor) if is_sandbox else []
    return DetailContext(
        row=row,
        version=reads.current_version(row),
        versions=reads.list_versions(actor, datasource_id),
        events=reads.list_events(actor, datasource_id, limit=20),
        tables=found,
        type_title=kind_of(row.type).title,
        is_sandbox=is_sandbox,
        can_operate=actor.has(Scope.DATASOURCE_OPERATOR) and row.is_runnable,
        can_administer=actor.has(Scope.DATASOURCE_ADMIN) and row.status != "archived",
        can_profile=actor.has(Scope.CATALOG_PROFILE) and row.is_runnable and row.type != DatasourceType.POSTGRES,
        can_run=actor.has(Scope.QUERIES_RUN) and row.is_runnable,
        topic=f"datasource.{row.id}",
        example=_example(found),
        report=report,
    )


def _example(found: Sequence[TableSummary]) -> str:
    if not found:
        return "SELECT 1 AS one"
    largest = max(found, key=lambda table: table.rows)
    where = ""
    types = {name: kind for name, kind, _ in largest.columns}
    kind = types.get(largest.partition_column, "")
    if kind in ("DATE", "DATETIME", "TIMESTAMP"):  # a constant bound on the bare column: a function would not prune
        where = f"\nWHERE `{largest.partition_column}` >= {kind}_SUB(CURRENT_{kind}(), INTERVAL 28 DAY)"
    return f"SELECT COUNT(*) AS row_count\nFROM `{largest.dataset}`.`{largest.name}`{where}"


@require_POST
@page(scope=Scope.DATASOURCE_OPERATOR)
def test(request: HttpRequest, datasource_id: UUID) -> HttpResponse:
    """Test the connection; without htmx, back to the page with the outcome."""
    report = registry.test(_actor(request), datasource_id)
    context = _detail(request, datasource_id, report)
    return render_page(request, "datasources/detail.html", context, fragment="datasources/partials/_test.html")


@require_POST
@page(scope=Scope.DATASOURCE_ADMIN)
def archive(request: HttpRequest, datasource_id: UUID) -> HttpResponse:
    """Take it out of use."""
    row = registry.archive(_actor(request), datasource_id)
    messages.success(request, f"“{row.name}” is archived.")
    return HttpResponseRedirect(reverse("datasources:list"), status=303)
