"""Settings: the person's own profile."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.core.pages import page
from apps.tenancy.enums import Theme
from apps.tenancy.pages.forms import ProfileForm
from apps.tenancy.services import profiles

THEME_COOKIE = "atom_theme"


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def profile(request: HttpRequest) -> HttpResponse:
    """`settings/profile/`: 422 with the form again, 303 on success."""
    if request.method == "POST":
        return _save(request)
    initial = {name: getattr(request.user, name) for name in ("name", "timezone", "theme")}
    return render(request, "tenancy/profile.html", {"form": ProfileForm(initial=initial)})


def _save(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return render(request, "tenancy/profile.html", {"form": form}, status=422)
    chosen = form.cleaned_data
    profiles.update(
        request.actor,  # type: ignore[attr-defined]
        name=chosen["name"],
        timezone=chosen["timezone"],
        theme=Theme(chosen["theme"]),
    )
    messages.success(request, "Your profile is saved.")
    response = redirect(reverse("tenancy:profile"))
    response.status_code = 303
    response.set_cookie(THEME_COOKIE, chosen["theme"], max_age=31_536_000, samesite="Lax", secure=request.is_secure())
    return response
