"""Pages of the sandbox warehouse: its tables, a file's preview, the load."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.datasources.api.warehouse import UPLOAD_BYTES
from apps.datasources.models import SandboxUpload
from apps.datasources.pages.forms import FileForm, LoadForm, types_offered
from apps.datasources.selectors import warehouse as reads
from apps.datasources.selectors.warehouse import TableSummary
from apps.datasources.services import demo, uploads, warehouse
from atom_project.config import config


@dataclass(frozen=True, slots=True)
class WarehouseContext:
    """The tables and the way to more of them."""

    tables: Sequence[TableSummary]
    rows: int
    bytes: int
    limit_mb: int
    can_load: bool
    can_reset: bool
    error: AtomError | None = None


@dataclass(frozen=True, slots=True)
class UploadContext:
    """A staged file, its preview, and where it is to go."""

    upload: SandboxUpload
    preview: dict[str, Any]
    form: LoadForm
    types: list[str]
    times: list[str]
    can_retype: bool
    error: AtomError | None = None


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    return actor


@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.DATASOURCE_VIEWER)
def index(request: HttpRequest) -> HttpResponse:
    """`data/warehouse/`: the tables; POST takes a file in."""
    if request.method != "POST":
        return _tables(request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _tables(request, status=422)
    file = form.cleaned_data["file"]
    try:
        upload = uploads.stage(_actor(request), file.chunks(1 << 20), filename=file.name)
    except AtomError as error:
        return _tables(request, error=error, status=422)
    return HttpResponseRedirect(reverse("datasources:upload", args=[upload.id]), status=303)


index.max_body_bytes = UPLOAD_BYTES  # type: ignore[attr-defined]  # read by the door


def _tables(request: HttpRequest, *, error: AtomError | None = None, status: int = 200) -> HttpResponse:
    actor = _actor(request)
    found = reads.list_tables(actor)
    context = WarehouseContext(
        found, sum(table.rows for table in found), sum(table.bytes for table in found),
        config.warehouse_upload_limit_mb,
        actor.has(Scope.DATASOURCE_OPERATOR), actor.has(Scope.DATASOURCE_ADMIN), error,
    )  # fmt: skip
    return render_page(request, "datasources/warehouse.html", context, status=status)


@require_safe
@page(scope=Scope.DATASOURCE_OPERATOR)
def upload(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """`data/warehouse/uploads/<id>`: the preview."""
    found = uploads.get_upload_for(_actor(request), upload_id)
    return _preview(request, found, LoadForm(initial={"table": found.preview.get("table", "")}))


def _preview(
    request: HttpRequest, found: SandboxUpload, form: LoadForm, *, error: AtomError | None = None, status: int = 200
) -> HttpResponse:
    columns = found.preview.get("columns", [])
    times = [column["name"] for column in columns if column["type"] in {"DATE", "TIMESTAMP", "DATETIME"}]
    context = UploadContext(
        found, found.preview, form, types_offered(), times, can_retype=found.format == "csv", error=error
    )
    return render_page(request, "datasources/upload.html", context, status=status)


@require_POST
@page(scope=Scope.DATASOURCE_OPERATOR)
def load(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Look again under other choices, or make the file a table."""
    actor = _actor(request)
    found = uploads.get_upload_for(actor, upload_id)
    form = LoadForm(request.POST)
    if not form.is_valid():
        return _preview(request, found, form, status=422)
    try:
        if "again" in request.POST:
            return _preview(request, uploads.look_again(actor, upload_id, form.choices_made()), form)
        table = uploads.load(actor, upload_id, form.destination())
    except AtomError as error:
        return _preview(request, found, form, error=error, status=422)
    messages.success(request, f"{table.row_count:,} rows are in {table}. Profile the warehouse next.")
    return HttpResponseRedirect(reverse("datasources:warehouse"), status=303)


@require_POST
@page(scope=Scope.DATASOURCE_OPERATOR)
def discard(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Let a staged file go."""
    uploads.discard(_actor(request), upload_id)
    return HttpResponseRedirect(reverse("datasources:warehouse"), status=303)


@require_POST
@page(scope=Scope.DATASOURCE_OPERATOR)
def drop(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Drop a table."""
    actor = _actor(request)
    table = reads.get_table_for(actor, table_id)
    warehouse.drop_table(actor, table_id)
    messages.success(request, f"{table.dataset}.{table.name} is gone.")
    return HttpResponseRedirect(reverse("datasources:warehouse"), status=303)


@require_POST
@page(scope=Scope.DATASOURCE_ADMIN)
def load_demo(request: HttpRequest) -> HttpResponse:
    """The demo company's tables, made anew."""
    actor = _actor(request)
    assert actor.tenant is not None
    demo.load_demo(actor.tenant, actor=actor)
    messages.success(request, "The demo company's tables are loaded.")
    return HttpResponseRedirect(reverse("datasources:warehouse"), status=303)
