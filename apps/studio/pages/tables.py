"""The tables of the studio project, with their columns."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.datasources.connectors.postgres.catalog import Table
from apps.studio.engine.naming import looking_into
from apps.studio.selectors import project


@dataclass(frozen=True, slots=True)
class TableLine:
    """A table and the statement that looks into it."""

    table: Table
    look: str


@dataclass(frozen=True, slots=True)
class TablesContext:
    """Everything the read-only role may read."""

    lines: list[TableLine]
    can_run: bool


@require_safe
@page(scope=Scope.STUDIO_READ)
def index(request: HttpRequest) -> HttpResponse:
    """Tables, views, materialised and foreign tables."""
    actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    found = project.list_tables(actor)
    lines = [TableLine(table, looking_into(table.schema, table.name)) for table in found]
    return render_page(request, "studio/tables.html", TablesContext(lines, actor.has(Scope.QUERIES_RUN)))
