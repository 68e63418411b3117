"""Running a query that somebody has approved, from its approval's page: POST, then the rows."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.datasources.contracts import ExecutionResult
from apps.datasources.services import execution

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ApprovedContext:
    """The first rows of the result."""

    found: ExecutionResult
    rows: list[tuple[object, ...]]
    approval_url: str


@require_POST
@page(scope=Scope.QUERIES_RUN)
def run(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    """`data/approved/<approval>`: runs exactly what was approved, for who asked for it."""
    found = execution.run_approved(request.actor, approval_id)  # type: ignore[attr-defined]  # identity middleware
    context = ApprovedContext(found, list(found.rows[:_SHOWN]), reverse("policies:approval", args=[approval_id]))
    return render_page(request, "datasources/approved.html", context)
