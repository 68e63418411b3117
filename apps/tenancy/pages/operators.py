"""What operators do from their admin: suspend, resume, remove a tenant, step in; help who has lost their phone.

Each page says what will happen.
"""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.audit.admin import actor_of
from apps.core.actor import ActorKind
from apps.core.errors import AtomError, NotFound
from apps.tenancy.models import Tenant, User
from apps.tenancy.pages.forms import RemoveForm, StepInForm, SuspendForm
from apps.tenancy.services import lifecycle, second_factors, stepping_in
from apps.tenancy.services.purges import asking, receipts

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
def suspend(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Asks for the reason, which the members read."""
    tenant = _tenant(tenant_id)
    form = SuspendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.suspend(tenant.id, actor=actor_of(request), reason=form.cleaned_data["reason"])
        except AtomError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{tenant.slug} is suspended: nobody can enter it.")
            return _back(tenant)
    return _page(request, "suspend", tenant, form)


@require_http_methods(_METHODS)
def resume(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Asks once, then opens the workspace again."""
    tenant = _tenant(tenant_id)
    if request.method == "POST":
        try:
            lifecycle.resume(tenant.id, actor=actor_of(request))
        except AtomError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"{tenant.slug} is open again.")
        return _back(tenant)
    return _page(request, "resume", tenant, None)


@require_http_methods(_METHODS)
def remove(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Counts what would go, asks for the slug, leads to the receipt."""
    tenant = _tenant(tenant_id)
    form = RemoveForm(request.POST or None, slug=tenant.slug)
    if request.method == "POST" and form.is_valid():
        try:
            purge = asking.ask(actor_of(request), tenant.ref, confirm=True, force=form.cleaned_data["force"])
        except AtomError as error:
            form.add_error(None, error.message)
        else:
            return _see_other(f"/removed/{receipts.token_of(purge)}")
    preview = asking.preview(actor_of(request), tenant.ref)
    groups = [(store, sorted(items.items())) for store, items in preview.stores.items() if any(items.values())]
    return _page(request, "remove", tenant, form, preview=preview, groups=groups)


@require_http_methods(_METHODS)
def step_in(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Asks why, opens the tenant's admin for an hour, and closes it again."""
    tenant, operator = _tenant(tenant_id), actor_of(request)
    if request.method == "POST" and "leave" in request.POST:
        stepping_in.end(request.session, operator, tenant.ref)
        messages.success(request, f"You have left {tenant.slug}.")
        return _back(tenant)
    form = StepInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        origin = request.origin  # type: ignore[attr-defined]  # set by the identity middleware
        stepping_in.begin(request.session, operator, tenant.ref, reason=form.cleaned_data["reason"], origin=origin)
        return _see_other(f"/t/{tenant.slug}/admin/")
    return _page(request, "step-in", tenant, form, open_until=stepping_in.until(request.session, tenant.ref))


@require_http_methods(_METHODS)
def reset_factor(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Asks once, then sends the person the link that removes their second factor."""
    person = User.objects.filter(id=user_id, second_factor__confirmed_at__isnull=False).first()
    if person is None:
        raise NotFound("There is no such person with a second factor.")
    if request.method == "POST":
        second_factors.send_reset(actor_of(request), person)
        messages.success(request, f"A link is on its way to {person.email}.")
        return _see_other(reverse("admin:tenancy_user_change", args=[person.id]))
    context = {**admin.site.each_context(request), "title": f"Second factor of {person.email}", "person": person}
    return render(request, "tenancy/operators/reset-factor.html", context)


def badge(request: HttpRequest) -> list[str] | None:
    """What the admin's head says of an operator inside a tenant (django-unfold's ENVIRONMENT)."""
    actor = getattr(request, "actor", None)
    if actor is None or actor.kind is not ActorKind.OPERATOR or actor.tenant is None:
        return None
    return [f"Operator in {actor.tenant.slug}", "danger"]


def _page(request: HttpRequest, what: str, tenant: Tenant, form: Any, **more: Any) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"{what.capitalize().replace('-', ' ')} {tenant.slug}",
        "tenant": tenant,
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, f"tenancy/operators/{what}.html", {**context, "form": form, **more}, status=status)


def _tenant(tenant_id: UUID) -> Tenant:
    found = Tenant.objects.filter(id=tenant_id).first()
    if found is None:
        raise NotFound("There is no such tenant.")
    return found


def _back(tenant: Tenant) -> HttpResponse:
    return _see_other(reverse("admin:tenancy_tenant_change", args=[tenant.id]))


def _see_other(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response
