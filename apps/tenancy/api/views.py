"""Login, refresh and logout for programs; who am I."""

from typing import Any

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.tenancy.contracts import Origin
from apps.tenancy.services import sessions, signing_keys
from atom_project.config import config


class LoginBody(BaseModel):
    """Credentials; `tenant` is a slug or an id, needed only by people with several."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=1024)
    tenant: str = Field("", max_length=64)


class RefreshBody(BaseModel):
    """A refresh token."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str = Field(min_length=20, max_length=200)


def _answer(login: sessions.Login) -> dict[str, Any]:
    actor = login.actor
    return {
        "token": login.pair.token,
        "refresh_token": login.pair.refresh_token,
        "expires_at": login.pair.expires_at.isoformat(),
        "tenant": {"id": str(actor.tenant.id), "slug": actor.tenant.slug, "name": actor.tenant.name}
        if actor.tenant
        else None,
        "role": actor.role,
        "scopes": sorted(actor.scopes),
        "env": config.env,
    }


class SecondStepBody(BaseModel):
    """What a login answered, and a code of the authenticator or a recovery code."""

    model_config = ConfigDict(extra="forbid")

    challenge: str = Field(min_length=10, max_length=500)
    code: str = Field(min_length=6, max_length=20)


def origin_of(request: Request) -> Origin:
    """Where the request comes from."""
    origin: Origin = request._request.origin  # type: ignore[attr-defined]  # set by the identity middleware
    return origin


def unkept(content: Any, *, status: int = 200) -> Response:
    """An answer with a secret in it: nobody on the way keeps it."""
    return Response(content, status=status, headers={"Cache-Control": "no-store"})


class LoginView(AtomView):
    """`POST /auth/login`."""

    public = True
    unread_fields = frozenset({"password"})

    @extend_schema(tags=["auth"], request=LoginBody, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Tokens for good credentials; 401 `MFA_REQUIRED` with a challenge where a second factor is set."""
        body = self.parse(LoginBody)
        return unkept(
            _answer(sessions.login(body.username, body.password, tenant=body.tenant, origin=origin_of(request)))
        )


class SecondStepView(AtomView):
    """`POST /auth/login/second-factor`."""

    public = True

    @extend_schema(tags=["auth"], request=SecondStepBody, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Tokens for the challenge of a login and a code."""
        body = self.parse(SecondStepBody)
        return unkept(_answer(sessions.finish(body.challenge, body.code, origin=origin_of(request))))


class RefreshView(AtomView):
    """`POST /auth/refresh`."""

    public = True

    @extend_schema(tags=["auth"], request=RefreshBody, responses={200: dict})
    def post(self, request: Request) -> Response:
        """A rotated pair for a fresh refresh token."""
        body = self.parse(RefreshBody)
        return unkept(_answer(sessions.refresh(body.refresh_token, origin=origin_of(request))))


class LogoutView(AtomView):
    """`POST /auth/logout`."""

    public = True

    @extend_schema(tags=["auth"], request=RefreshBody, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the login that this refresh token belongs to."""
        body = self.parse(RefreshBody)
        sessions.logout(body.refresh_token, origin=origin_of(request))
        return Response(None, status=204)


class KeysView(AtomView):
    """`GET /auth/jwks` and `/.well-known/jwks.json`."""

    public = True

    @extend_schema(tags=["auth"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The public keys of access tokens (RFC 7517); none while a secret signs them."""
        return Response(signing_keys.jwks(), headers={"Cache-Control": "public, max-age=300"})


class WhoAmIView(AtomView):
    """`GET /api/v1/auth/me`."""

    required_scope = Scope.DATASOURCE_VIEWER  # the least any member holds

    @extend_schema(tags=["auth"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The caller, their tenant, role and scopes."""
        actor = self.actor
        tenant = actor.tenant
        return Response(
            {
                "id": str(actor.id),
                "email": actor.email,
                "name": actor.name,
                "role": actor.role,
                "scopes": sorted(actor.scopes),
                "by": actor.kind,
                "tenant": {"id": str(tenant.id), "slug": tenant.slug, "name": tenant.name} if tenant else None,
                "env": config.env,
            }
        )
