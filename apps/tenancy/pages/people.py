"""Settings: who is in the workspace, who is asked in, and what the roles may do."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.core.pages import page, render_page, unread
from apps.core.permissions import ROLE_SCOPES, Role, Scope
from apps.tenancy.models import Invitation
from apps.tenancy.pages.forms import MemberChangeForm, MemberForm
from apps.tenancy.selectors import members as reads
from apps.tenancy.selectors.members import Member
from apps.tenancy.services import invitations, letters, links, members


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open invitation; its link is shown only where letters are kept on this machine."""

    row: Invitation
    link: str


@dataclass(frozen=True, slots=True)
class MembersContext:
    """The member list, the open invitations, and the form for somebody new."""

    members: list[Member]
    waiting: list[Waiting]
    can_manage: bool
    form: Form | None
    folder: str


@dataclass(frozen=True, slots=True)
class MemberContext:
    """One member with what can be done about them."""

    member: Member
    form: Form


@unread("password")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.MEMBERS_READ)
def index(request: HttpRequest) -> HttpResponse:
    """`settings/members/`; POST adds or invites somebody."""
    actor = _actor(request)
    form = MemberForm(request.POST or None, initial={"role": "viewer"})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _add(request, form.cleaned_data)
                return _back("tenancy:members")
            except AtomError as error:
                form.add_error("password" if error.code == "PASSWORD_TOO_WEAK" else None, error.message)
    can_manage = actor.has(Scope.MEMBERS_MANAGE)
    folder = letters.kept_in()
    context = MembersContext(
        members=reads.members_for(actor),
        waiting=[
            Waiting(row, links.invitation(row) if folder and can_manage else "") for row in reads.invitations_for(actor)
        ],
        can_manage=can_manage,
        form=form if can_manage else None,
        folder=folder,
    )
    return render_page(request, "tenancy/members.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.MEMBERS_MANAGE)
def member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """`settings/members/<id>/`."""
    actor = _actor(request)
    found = reads.get_for(actor, member_id)
    sees_pii = Scope.PII_READ in found.granted_scopes
    form = MemberChangeForm(
        request.POST or None, initial={"role": found.role, "name": found.name, "sees_pii": sees_pii}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _change(actor, found, form.cleaned_data)
                messages.success(request, f"{found.email} is changed.")
                return _back("tenancy:members")
            except AtomError as error:
                form.add_error(None, error.message)
    return render_page(request, "tenancy/member.html", MemberContext(found, form), status=status)


@require_POST
@page(scope=Scope.MEMBERS_MANAGE)
def act(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """`settings/members/<id>/act`: remove, switch off or on, log out, second factor."""
    actor, wish = _actor(request), request.POST.get("action", "")
    try:
        messages.success(request, _done(actor, member_id, wish))
    except AtomError as error:
        messages.error(request, error.message)
    return _back("tenancy:members")


@require_POST
@page(scope=Scope.MEMBERS_MANAGE)
def act_on_invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """`settings/invitations/<id>/act`: resend or withdraw."""
    actor = _actor(request)
    try:
        if request.POST.get("action") == "resend":
            row = invitations.resend(actor, invitation_id)
            messages.success(request, f"The invitation to {row.email} is on its way again.")
        else:
            invitations.withdraw(actor, invitation_id)
            messages.success(request, "The invitation is withdrawn; its link is void.")
    except AtomError as error:
        messages.error(request, error.message)
    return _back("tenancy:members")


@require_safe
@page()
def roles(request: HttpRequest) -> HttpResponse:
    """`settings/roles/`: the table in code."""
    lines = [
        (str(scope), [scope in ROLE_SCOPES[role] for role in (Role.ADMIN, Role.MEMBER, Role.VIEWER)])
        for scope in sorted(Scope)
    ]
    return render_page(request, "tenancy/roles.html", {"lines": lines, "mine": _actor(request).role})


def _add(request: HttpRequest, given: dict[str, str]) -> None:
    actor, role = _actor(request), Role(given["role"])
    if given["password"]:
        members.add(actor, email=given["email"], name=given["name"], role=role, password=given["password"])
        messages.success(request, f"{given['email']} is a member now.")
        return
    members.invite(actor, email=given["email"], name=given["name"], role=role)
    messages.success(request, f"{given['email']} is invited.")


def _change(actor: Actor, found: Member, given: dict[str, str]) -> None:
    others = [scope for scope in found.granted_scopes if scope != Scope.PII_READ]
    wish = members.Change(
        role=Role(given["role"]) if given["role"] != found.role else None,
        name=given["name"] if given["name"] != found.name else None,
        granted_scopes=[*others, Scope.PII_READ] if given["sees_pii"] else others,
    )
    members.change(actor, found.id, wish)


def _done(actor: Actor, member_id: UUID, wish: str) -> str:
    if wish == "remove":
        members.remove(actor, member_id)
        return "The member is removed; nothing lets them in here any more."
    if wish == "logout":
        members.log_out(actor, member_id)
        return "Their programs are logged out."
    if wish == "factor":
        members.allow_factor_reset(actor, member_id)
        return "A letter is on its way, by which they can remove their second factor."
    members.change(actor, member_id, members.Change(is_active=wish == "enable"))
    return "The member can come in again." if wish == "enable" else "The member is switched off."


def _back(name: str) -> HttpResponse:
    response = redirect(reverse(name))
    response.status_code = 303
    return response


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
