"""The SQL editor's page; running happens over the API."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.studio.selectors import project

_STARTER = "SELECT 1"


@dataclass(frozen=True, slots=True)
class SqlContext:
    """`page_data` is what the script reads."""

    datasources: list[project.Choice]
    chosen: UUID | None
    limits: tuple[int, ...]
    can_run: bool
    page_data: dict[str, Any]


@require_safe
@page(scope=Scope.STUDIO_READ)
def index(request: HttpRequest) -> HttpResponse:
    """`?sql=` fills the editor, `?datasource=` chooses where it runs."""
    actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    choices = project.list_choices(actor)
    wanted = request.GET.get("datasource", "")
    chosen = next((choice.id for choice in choices if str(choice.id) == wanted), choices[0].id if choices else None)
    can_run = actor.has(Scope.QUERIES_RUN)
    data = {
        "datasources": [{"id": str(choice.id), "name": choice.name, "type": choice.type} for choice in choices],
        "can_run": can_run,
        "text": request.GET.get("sql", "")[:65_536],
        "starter": _STARTER,
    }
    return render_page(request, "studio/sql.html", SqlContext(choices, chosen, (100, 1_000, 10_000), can_run, data))
