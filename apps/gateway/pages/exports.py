"""Settings › Export: begin an export, see how far it is, fetch the archive."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.gateway.services.exports import starting


@dataclass(frozen=True, slots=True)
class ExportsContext:
    """The exports, and whether the list will change by itself."""

    exports: list[starting.Export]
    under_way: bool


@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.TENANT_MANAGE)
def exports(request: HttpRequest) -> HttpResponse:
    """`settings/export/`: the list; POST begins one."""
    if request.method == "POST":
        starting.start(request.actor)  # type: ignore[attr-defined]
        return _see_other(reverse("gateway:exports"))
    found = starting.list_for(request.actor)  # type: ignore[attr-defined]
    under_way = any(each.status in ("queued", "running", "cancelling", "waiting_upstream") for each in found)
    context = ExportsContext(found, under_way)
    return render_page(request, "gateway/exports.html", context, fragment="gateway/partials/_exports.html")


@require_POST
@page(scope=Scope.TENANT_MANAGE)
def fetch(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Make a signed address and go there."""
    return _see_other(starting.link_for(request.actor, run_id))  # type: ignore[attr-defined]


def _see_other(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response
