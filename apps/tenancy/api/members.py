"""Members and invitations for programs: `/api/auth/users` (alias `/api/users`), `/api/auth/invitations`."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.errors import InvalidInput
from apps.core.permissions import ROLE_SCOPES, Role, Scope
from apps.tenancy.api.views import origin_of
from apps.tenancy.models import Invitation
from apps.tenancy.selectors import members as reads
from apps.tenancy.selectors.members import Member
from apps.tenancy.services import invitations, members


class NewMember(BaseModel):
    """Somebody new. `username` is the address unless `email` is; then it is the name. A password makes them active."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=254)
    email: str = Field("", max_length=254)
    password: str = Field("", max_length=1024)
    role: Role = Role.VIEWER


class MemberChange(BaseModel):
    """What may be changed of a member."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    is_active: bool | None = None
    granted_scopes: list[str] | None = Field(None, max_length=10)
    name: str | None = Field(None, max_length=120)


class PageQuery(BaseModel):
    """Keyset paging."""

    cursor: str = Field("", max_length=1000)
    limit: int = Field(50, ge=1, le=200)


class AcceptBody(BaseModel):
    """The token of an invitation's link, and who comes in."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=10, max_length=500)
    name: str = Field("", max_length=120)
    password: str = Field(min_length=1, max_length=1024)


def shown(member: Member) -> dict[str, Any]:
    """A member for programs."""
    return {
        "id": str(member.id),
        "username": member.email,
        "email": member.email,
        "name": member.name,
        "role": member.role,
        "status": member.state,
        "scopes": member.scopes,
        "granted_scopes": member.granted_scopes,
        "joined_at": member.joined_at.isoformat(),
        "last_seen_at": member.last_seen_at.isoformat() if member.last_seen_at else None,
    }


def shown_invitation(row: Invitation) -> dict[str, Any]:
    """An open invitation for programs; never its link."""
    return {
        "id": str(row.id),
        "username": row.email,
        "email": row.email,
        "name": row.name,
        "role": row.role,
        "status": "invited",
        "expires_at": row.expires_at.isoformat(),
        "sent_count": row.sent_count,
    }


class MembersView(AtomView):
    """`GET|POST /api/v1/auth/users`."""

    required_scopes = {"GET": Scope.MEMBERS_READ, "POST": Scope.MEMBERS_MANAGE}
    unread_fields = frozenset({"password"})

    @extend_schema(tags=["members"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Members, newest first; the first page also names the open invitations."""
        asked = self.query(PageQuery)
        found, cursor = reads.page_for(self.actor, cursor=asked.cursor or None, limit=asked.limit)
        answer: dict[str, Any] = {"items": [shown(member) for member in found], "next": cursor}
        if not asked.cursor:
            answer["invitations"] = [shown_invitation(row) for row in reads.invitations_for(self.actor)]
        return Response(answer)

    @extend_schema(tags=["members"], request=NewMember, responses={201: dict})
    def post(self, request: Request) -> Response:
        """An active member when a password is given, else an invitation by mail."""
        body = self.parse(NewMember)
        email, name = (body.email, body.username) if body.email else (body.username, "")
        if not body.password:
            row = members.invite(self.actor, email=email, name=name, role=body.role)
            return Response(shown_invitation(row), status=201)
        made = members.add(self.actor, email=email, name=name, role=body.role, password=body.password)
        return Response(shown(reads.get_for(self.actor, made.id)), status=201)


class MemberView(AtomView):
    """`GET|PATCH|DELETE /api/v1/auth/users/{id}`."""

    required_scopes = {
        "GET": Scope.MEMBERS_READ,
        "PATCH": Scope.MEMBERS_MANAGE,
        "DELETE": Scope.MEMBERS_MANAGE,
    }

    @extend_schema(tags=["members"], responses={200: dict})
    def get(self, request: Request, member_id: UUID) -> Response:
        """One member."""
        return Response(shown(reads.get_for(self.actor, member_id)))

    @extend_schema(tags=["members"], request=MemberChange, responses={200: dict})
    def patch(self, request: Request, member_id: UUID) -> Response:
        """Change role, state, granted scopes or name; the last admin stays one."""
        body = self.parse(MemberChange)
        if not body.model_fields_set:
            raise InvalidInput("Name what to change.")
        wish = members.Change(**body.model_dump())
        members.change(self.actor, member_id, wish)
        return Response(shown(reads.get_for(self.actor, member_id)))

    @extend_schema(tags=["members"], responses={204: None})
    def delete(self, request: Request, member_id: UUID) -> Response:
        """End a membership with everything that lets the person in here."""
        members.remove(self.actor, member_id)
        return Response(None, status=204)


class MemberLogoutView(AtomView):
    """`POST /api/v1/auth/users/{id}/logout`."""

    required_scope = Scope.MEMBERS_MANAGE

    @extend_schema(tags=["members"], request=None, responses={204: None})
    def post(self, request: Request, member_id: UUID) -> Response:
        """End the member's program logins in this tenant."""
        members.log_out(self.actor, member_id)
        return Response(None, status=204)


class FactorResetView(AtomView):
    """`POST /api/v1/auth/users/{id}/second-factor/reset`."""

    required_scope = Scope.MEMBERS_MANAGE

    @extend_schema(tags=["members"], request=None, responses={202: dict})
    def post(self, request: Request, member_id: UUID) -> Response:
        """Send the member a link by which they remove their second factor, with their password."""
        members.allow_factor_reset(self.actor, member_id)
        return Response({"status": "sent"}, status=202)


class RolesView(AtomView):
    """`GET /api/v1/auth/roles`."""

    required_scope = Scope.DATASOURCE_VIEWER  # the least any member holds

    @extend_schema(tags=["members"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Which role holds which scope: the table in code."""
        return Response({"roles": {role.value: sorted(ROLE_SCOPES[role]) for role in Role}})


class InvitationsView(AtomView):
    """`GET /api/v1/auth/invitations`."""

    required_scope = Scope.MEMBERS_READ

    @extend_schema(tags=["members"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Open invitations."""
        return Response({"items": [shown_invitation(row) for row in reads.invitations_for(self.actor)]})


class InvitationView(AtomView):
    """`DELETE /api/v1/auth/invitations/{id}`."""

    required_scope = Scope.MEMBERS_MANAGE

    @extend_schema(tags=["members"], responses={204: None})
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Withdraw it."""
        invitations.withdraw(self.actor, invitation_id)
        return Response(None, status=204)


class ResendView(AtomView):
    """`POST /api/v1/auth/invitations/{id}/resend`."""

    required_scope = Scope.MEMBERS_MANAGE

    @extend_schema(tags=["members"], request=None, responses={200: dict})
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Send it again; the link before is void."""
        return Response(shown_invitation(invitations.resend(self.actor, invitation_id)))


class AcceptView(AtomView):
    """`POST /api/v1/auth/invitations/accept`."""

    public = True
    unread_fields = frozenset({"password"})

    @extend_schema(tags=["members"], request=AcceptBody, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Come in by a link, for somebody without an account; then log in."""
        body = self.parse(AcceptBody)
        invitations.accept_new(body.token, name=body.name, password=body.password, origin=origin_of(request))
        return Response({"status": "accepted"}, status=201)
