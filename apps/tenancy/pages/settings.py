"""Settings: the person's own profile, and who is in the workspace."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.tenancy.enums import Theme
from apps.tenancy.pages.forms import ProfileForm
from apps.tenancy.selectors import memberships
from apps.tenancy.selectors.memberships import Member
from apps.tenancy.services import profiles

THEME_COOKIE = "atom_theme"


@dataclass(frozen=True, slots=True)
class MembersContext:
    """What the member list shows."""

    members: list[Member]
    can_manage: bool


@require_safe
@page(scope=Scope.MEMBERS_READ)
def members(request: HttpRequest) -> HttpResponse:
    """`settings/members/`."""
    actor = request.actor  # type: ignore[attr-defined]
    context = MembersContext(memberships.members_for(actor), actor.has(Scope.MEMBERS_MANAGE))
    return render_page(request, "tenancy/members.html", context)


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
