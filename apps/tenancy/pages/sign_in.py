"""Settings: how the workspace's people come in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import AtomError
from apps.core.pages import page, render_page, unread
from apps.core.permissions import Scope
from apps.tenancy.pages.forms import ProviderForm
from apps.tenancy.selectors import sign_in as reads
from apps.tenancy.services import sign_in


@unread("client_secret")
@never_cache
@sensitive_post_parameters("client_secret")
@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.SETTINGS_MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """`settings/sign-in/`; POST keeps the provider."""
    actor = request.actor  # type: ignore[attr-defined]
    settings = reads.settings_for(actor)
    form, status = ProviderForm(request.POST or None, initial=_initial(settings)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                given = {**form.cleaned_data, "allowed_domains": form.cleaned_data["allowed_domains"].split()}
                sign_in.configure(actor, sign_in.Wish(**given))
                messages.success(request, "The sign-in is kept.")
                return _back()
            except AtomError as error:
                form.add_error(None, error.message)
    context = {"form": form, "settings": settings, "redirect_uri": sign_in.redirect_uri()}
    return render_page(request, "tenancy/sign_in.html", context, status=status)


@require_POST
@page(scope=Scope.SETTINGS_MANAGE)
def act(request: HttpRequest) -> HttpResponse:
    """`settings/sign-in/act`: the rule about second factors, or doing without a provider."""
    actor, wish = request.actor, request.POST.get("action", "")  # type: ignore[attr-defined]
    try:
        if wish == "remove":
            sign_in.remove(actor)
            messages.success(request, "The provider is removed; people log in by password.")
        else:
            sign_in.require_second_factor(actor, wanted=wish == "require")
            messages.success(request, "The rule about second factors is kept.")
    except AtomError as error:
        messages.error(request, error.message)
    return _back()


def _initial(settings: reads.SignIn) -> dict[str, object]:
    row = settings.provider
    if row is None:
        return {"name": "Single sign-on"}
    names = ("name", "issuer", "client_id", "auto_join_role", "is_enabled")
    return {**{name: getattr(row, name) for name in names}, "allowed_domains": " ".join(row.allowed_domains)}


def _back() -> HttpResponse:
    response = redirect(reverse("tenancy:sign-in"))
    response.status_code = 303
    return response
