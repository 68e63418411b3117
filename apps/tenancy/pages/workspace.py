"""Settings › Workspace: name, address, removal. The receipt's page is open to whoever holds its token."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import AtomError
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.tenancy.models import Purge
from apps.tenancy.pages.forms import RemoveForm, RenameForm
from apps.tenancy.services import lifecycle
from apps.tenancy.services.purges import asking, receipts


@dataclass(frozen=True, slots=True)
class RemovalContext:
    """What would be removed, and the form that asks once."""

    form: RemoveForm
    preview: asking.Preview
    groups: list[tuple[str, list[tuple[str, int]]]]


@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.TENANT_MANAGE)
def workspace(request: HttpRequest) -> HttpResponse:
    """`settings/workspace/`: 422 with the form again, 303 to the (perhaps new) address on success."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined]
    if request.method != "POST":
        form = RenameForm(initial={"name": tenant.name, "slug": tenant.slug})
        return render(request, "tenancy/workspace.html", {"form": form, "tenant": tenant})
    form = RenameForm(request.POST)
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            new = lifecycle.rename(tenant.id, actor=request.actor, name=chosen["name"], slug=chosen["slug"])  # type: ignore[attr-defined]
        except AtomError as error:
            form.add_error("name" if error.code == "BAD_NAME" else "slug", error.message)
        else:
            return _to(_address_after(tenant, new))
    return render(request, "tenancy/workspace.html", {"form": form, "tenant": tenant}, status=422)


def _address_after(old: TenantRef, new: TenantRef) -> str:
    here = reverse("tenancy:workspace")
    return here.replace(f"/t/{old.slug}/", f"/t/{new.slug}/", 1)


def _to(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.TENANT_MANAGE)
def remove(request: HttpRequest) -> HttpResponse:
    """`settings/workspace/remove/`: says what it will do, asks for the slug once, then leads to the receipt."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined]
    if request.method != "POST":
        return _removal(request, RemoveForm(slug=tenant.slug))
    form = RemoveForm(request.POST, slug=tenant.slug)
    if form.is_valid():
        try:
            purge = asking.ask(request.actor, tenant, confirm=True, force=form.cleaned_data["force"])  # type: ignore[attr-defined]
        except AtomError as error:
            form.add_error(None, error.message)
        else:
            return _to(f"/removed/{receipts.token_of(purge)}")
    return _removal(request, form, status=422)


def _removal(request: HttpRequest, form: RemoveForm, *, status: int = 200) -> HttpResponse:
    preview = asking.preview(request.actor, request.tenant)  # type: ignore[attr-defined]
    groups = [(store, sorted(items.items())) for store, items in preview.stores.items() if any(items.values())]
    return render_page(request, "tenancy/remove.html", RemovalContext(form, preview, groups), status=status)


@never_cache
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """`/removed/<token>`: how far the removal is (asked again every two seconds), then its receipt."""
    purge: Purge = receipts.read(token)
    context = {"purge": purge, "token": token, "groups": _removed(purge)}
    return render_page(request, "tenancy/removed.html", context, fragment="tenancy/partials/_receipt.html")


def _removed(purge: Purge) -> list[tuple[str, list[tuple[str, int]]]]:
    return [(store, sorted(items.items())) for store, items in purge.counted.items() if any(items.values())]
