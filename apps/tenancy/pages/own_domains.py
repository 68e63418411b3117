"""Settings › Domains: claim a host name, see the record that proves it, have it checked, give it up."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import AtomError
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.tenancy.engine.domains import shown
from apps.tenancy.models import Domain
from apps.tenancy.pages.forms import DomainForm
from apps.tenancy.services import domains


@dataclass(frozen=True, slots=True)
class Line:
    """A domain with the record that proves it."""

    domain: Domain
    shown: str
    record_name: str
    record_value: str


@dataclass(frozen=True, slots=True)
class DomainsContext:
    """What the page shows."""

    lines: list[Line]
    form: DomainForm


@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.TENANT_MANAGE)
def own_domains(request: HttpRequest) -> HttpResponse:
    """`settings/domains/`: 422 with the form again, 303 on success."""
    if request.method != "POST":
        return _render(request, DomainForm())
    form = DomainForm(request.POST)
    if form.is_valid():
        try:
            domains.add(request.actor, form.cleaned_data["domain"])  # type: ignore[attr-defined]
        except AtomError as error:
            form.add_error("domain", error.message)
        else:
            messages.success(request, "Claimed. Add the record below, then have it checked.")
            return _back()
    return _render(request, form, status=422)


@require_POST
@page(scope=Scope.TENANT_MANAGE)
def check(request: HttpRequest, domain_id: UUID) -> HttpResponse:
    """Look for the record now."""
    try:
        domain = domains.verify(request.actor, domain_id)  # type: ignore[attr-defined]
    except AtomError as error:
        if error.status == 404:
            raise
        messages.error(request, error.message)
    else:
        messages.success(request, f"{shown(domain.domain)} is yours: the workspace is served there.")
    return _back()


@require_POST
@page(scope=Scope.TENANT_MANAGE)
def give_up(request: HttpRequest, domain_id: UUID) -> HttpResponse:
    """Serve the workspace there no longer."""
    domains.remove(request.actor, domain_id)  # type: ignore[attr-defined]
    messages.success(request, "The domain is given up.")
    return _back()


def _back() -> HttpResponse:
    response = redirect(reverse("tenancy:domains"))
    response.status_code = 303
    return response


def _render(request: HttpRequest, form: DomainForm, *, status: int = 200) -> HttpResponse:
    lines = [
        Line(each, shown(each.domain), domains.record_name(each), domains.record_value(each))
        for each in domains.list_for(request.actor)  # type: ignore[attr-defined]
    ]
    return render_page(request, "tenancy/domains.html", DomainsContext(lines, form), status=status)
