"""Sharing one object with single people: whom, and what they may do."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core.actor import Actor
from apps.core.errors import AtomError, InvalidInput
from apps.core.ids import parse_id
from apps.core.pages import page, render_page, wants_fragment
from apps.core.permissions import Scope
from apps.tenancy import registry
from apps.tenancy.selectors import members, shares
from apps.tenancy.selectors.members import Member
from apps.tenancy.selectors.shares import Level, Shared
from apps.tenancy.services import sharing


@dataclass(frozen=True, slots=True)
class ShareContext:
    """The object, whom it is shared with, and who else there is."""

    shared: Shared
    others: list[Member]
    can_share: bool
    back: str
    error: str = ""


@require_safe
@page(scope=Scope.MEMBERS_READ)
def index(request: HttpRequest, kind: str, object_id: UUID) -> HttpResponse:
    """`share/<kind>/<id>/`."""
    return _shown(request, kind, object_id)


def _shown(request: HttpRequest, kind: str, object_id: UUID, error: str = "") -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    known, obj = shares.object_for(actor, kind, object_id)
    shared = shares.shared_for(actor, kind, object_id)
    taken = {each.membership_id for each in shared.shares}
    others = [m for m in members.members_for(actor) if m.id not in taken and not m.is_self and m.is_active]
    can_share, back = shares.may_edit(actor, obj, known.write_scope), reverse(known.url_name, args=[object_id])
    context = ShareContext(shared, others, can_share, back, error)
    return render_page(request, "tenancy/share.html", context, fragment="tenancy/partials/_share.html")


@require_POST
@page(scope=Scope.MEMBERS_READ)
def act(request: HttpRequest, kind: str, object_id: UUID) -> HttpResponse:
    """`share/<kind>/<id>/act`: share, take back, close, open. The dialog gets its fragment, the page a redirect."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    problem = ""
    try:
        _act(actor, kind, object_id, request.POST.get("action", ""), request.POST)
    except AtomError as error:
        problem = error.message
    if wants_fragment(request):
        return _shown(request, kind, object_id, problem)
    if problem:
        messages.error(request, problem)
    response = redirect(reverse("tenancy:share", args=[kind, object_id]))
    response.status_code = 303
    return response


def _act(actor: Actor, kind: str, object_id: UUID, wish: str, given: "dict[str, str]") -> None:
    if kind not in registry.shareables():
        raise InvalidInput("Objects of this kind are not shared.")
    if wish in ("close", "open"):
        sharing.restrict(actor, kind, object_id, wanted=wish == "close")
        return
    member_id = parse_id(given.get("member", ""))
    if member_id is None:
        raise InvalidInput("Choose a person.")
    if wish == "share":
        level = Level.EDIT if given.get("level") == Level.EDIT else Level.VIEW
        sharing.share(actor, kind, object_id, member_id, level)
    else:
        sharing.unshare(actor, kind, object_id, member_id)
