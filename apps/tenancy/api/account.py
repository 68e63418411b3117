"""A person's own account for programs: password, second factor, personal tokens, sessions, security log."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.tenancy.api.members import PageQuery
from apps.tenancy.api.views import origin_of, unkept
from apps.tenancy.models import PersonalToken, SecurityEvent
from apps.tenancy.selectors import logins
from apps.tenancy.services import accounts, members, page_logins, personal_tokens, resets, sessions

ANYBODY = Scope.DATASOURCE_VIEWER  # the least any member holds


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PasswordChange(_Body):
    """The password there is, and the one there shall be."""

    current: str = Field(min_length=1, max_length=1024)
    new: str = Field(min_length=1, max_length=1024)


class Forgotten(_Body):
    """An address."""

    email: str = Field(min_length=3, max_length=254)


class NewPassword(_Body):
    """The two parts of the link, and the password."""

    uid: str = Field(min_length=32, max_length=36)
    token: str = Field(min_length=5, max_length=200)
    password: str = Field(min_length=1, max_length=1024)


class Proof(_Body):
    """The password, asked again before something that locks people out."""

    password: str = Field(min_length=1, max_length=1024)


class Code(_Body):
    """A code of the authenticator, or a recovery code where one will do."""

    code: str = Field(min_length=6, max_length=20)


class NewToken(_Body):
    """A personal token: its name, its scopes (some of one's own), its days."""

    name: str = Field(min_length=1, max_length=80)
    scopes: list[str] = Field(min_length=1, max_length=60)
    days: int = Field(90, ge=1, le=personal_tokens.MAX_DAYS)


class TokenQuery(BaseModel):
    """`all`: everybody's, for admins."""

    all: bool = False


class LogQuery(PageQuery):
    """`tenant`: the tenant's, for admins."""

    tenant: bool = False


class PasswordView(AtomView):
    """`POST /api/v1/auth/password`."""

    required_scope = ANYBODY
    unread_fields = frozenset({"current", "new"})

    @extend_schema(tags=["account"], request=PasswordChange, responses={204: None})
    def post(self, request: Request) -> Response:
        """Change one's own password; every other login ends, this one's tokens too: log in anew."""
        body = self.parse(PasswordChange)
        accounts.change_password(self.actor, current=body.current, new=body.new, origin=origin_of(request))
        return Response(None, status=204)


class ForgotView(AtomView):
    """`POST /api/v1/auth/password/forgot`."""

    public = True

    @extend_schema(tags=["account"], request=Forgotten, responses={202: dict})
    def post(self, request: Request) -> Response:
        """Ask for a link by mail; the same answer whether the address is known or not."""
        resets.ask(members.clean_address(self.parse(Forgotten).email), origin=origin_of(request))
        return Response({"status": "If the address is known here, a letter is on its way."}, status=202)


class ResetView(AtomView):
    """`POST /api/v1/auth/password/reset`."""

    public = True
    unread_fields = frozenset({"password"})

    @extend_schema(tags=["account"], request=NewPassword, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a password by the link's parts, once."""
        body = self.parse(NewPassword)
        resets.finish(body.uid, body.token, body.password, origin=origin_of(request))
        return Response(None, status=204)


class SecondFactorView(AtomView):
    """`GET|POST|DELETE /api/v1/auth/second-factor`."""

    required_scope = ANYBODY
    unread_fields = frozenset({"password"})

    @extend_schema(tags=["account"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Whether one is set, and how many recovery codes are left."""
        return Response(accounts.second_factor_of(self.actor))

    @extend_schema(tags=["account"], request=Proof, responses={201: dict})
    def post(self, request: Request) -> Response:
        """A new secret, to be confirmed by a first code."""
        address = accounts.begin_second_factor(self.actor, self.parse(Proof).password, origin=origin_of(request))
        return unkept({"otpauth": address}, status=201)

    @extend_schema(tags=["account"], request=Code, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Do without it again; takes a code."""
        accounts.remove_second_factor(self.actor, self.parse(Code).code, origin=origin_of(request))
        return Response(None, status=204)


class ConfirmFactorView(AtomView):
    """`POST /api/v1/auth/second-factor/confirm`."""

    required_scope = ANYBODY

    @extend_schema(tags=["account"], request=Code, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Put it in force; answers the recovery codes, this once."""
        codes = accounts.confirm_second_factor(self.actor, self.parse(Code).code, origin=origin_of(request))
        return unkept({"recovery_codes": codes})


class RecoveryCodesView(AtomView):
    """`POST /api/v1/auth/second-factor/recovery-codes`."""

    required_scope = ANYBODY

    @extend_schema(tags=["account"], request=Code, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Ten new ones for a code; the old ones are void."""
        codes = accounts.renew_recovery_codes(self.actor, self.parse(Code).code, origin=origin_of(request))
        return unkept({"recovery_codes": codes})


def _token(row: PersonalToken) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "start": row.start,
        "scopes": row.scopes,
        "owner": row.membership.user.email,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
        "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
        "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
    }


class TokensView(AtomView):
    """`GET|POST /api/v1/auth/tokens`."""

    required_scope = ANYBODY

    @extend_schema(tags=["account"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """One's own tokens in this tenant; `?all=true` for an admin: everybody's."""
        rows = logins.tokens_for(self.actor, everybodys=self.query(TokenQuery).all)
        return Response({"items": [_token(row) for row in rows]})

    @extend_schema(tags=["account"], request=NewToken, responses={201: dict})
    def post(self, request: Request) -> Response:
        """A new token; its text is in this answer and nowhere else."""
        body = self.parse(NewToken)
        made = personal_tokens.make(
            self.actor, name=body.name, scopes=body.scopes, days=body.days, origin=origin_of(request)
        )
        return unkept({**_token(made.row), "token": made.text}, status=201)


class TokenView(AtomView):
    """`DELETE /api/v1/auth/tokens/{id}`."""

    required_scope = ANYBODY

    @extend_schema(tags=["account"], responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke it at once."""
        personal_tokens.revoke(self.actor, token_id, origin=origin_of(request))
        return Response(None, status=204)


class SessionsView(AtomView):
    """`GET /api/v1/auth/sessions`."""

    required_scope = ANYBODY

    @extend_schema(tags=["account"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Browsers and programs that are logged in as the caller."""
        found = logins.sessions_of(self.actor)
        return Response({"items": [_session(each) for each in found]})


def _session(session: logins.Session) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "kind": session.kind,
        "device": session.device,
        "network": session.region,
        "workspace": session.workspace,
        "started_at": session.started_at.isoformat(),
        "last_seen_at": session.last_seen_at.isoformat(),
    }


class SessionView(AtomView):
    """`DELETE /api/v1/auth/sessions/{id}`."""

    required_scope = ANYBODY

    @extend_schema(tags=["account"], responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End one of one's own, of either kind."""
        try:
            page_logins.end(self.actor, session_id, origin=origin_of(request))
        except NotFound:
            sessions.end_api_login(self.actor, session_id, origin=origin_of(request))
        return Response(None, status=204)


class LogoutEverywhereView(AtomView):
    """`POST /api/v1/auth/logout-everywhere`."""

    required_scope = ANYBODY

    @extend_schema(tags=["account"], request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End every session and login of the caller, this one too."""
        accounts.log_out_everywhere(self.actor, origin=origin_of(request))
        return Response(None, status=204)


class SecurityLogView(AtomView):
    """`GET /api/v1/auth/security-log`."""

    required_scope = ANYBODY

    @extend_schema(tags=["account"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """What happened to one's own way in; `?tenant=true` for an admin: to that of the tenant's members."""
        asked = self.query(LogQuery)
        page = logins.events_for(self.actor, of_tenant=asked.tenant, cursor=asked.cursor or None, limit=asked.limit)
        return Response({"items": [_event(row) for row in page.items], "next": page.next_cursor})


def _event(row: SecurityEvent) -> dict[str, Any]:
    return {
        "at": row.created_at.isoformat(),
        "kind": row.kind,
        "outcome": row.outcome,
        "person": row.user.email if row.user else None,
        "device": row.device,
        "network": row.region,
        "detail": row.detail,
    }
