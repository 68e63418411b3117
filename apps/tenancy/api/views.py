"""Login, refresh and logout for programs; who am I."""

from typing import Any

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.tenancy.services import sessions
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


class LoginView(AtomView):
    """`POST /auth/login`."""

    public = True

    @extend_schema(tags=["auth"], responses={200: dict})
    def post(self, request: Request) -> Response:
        """Tokens for good credentials."""
        body = self.parse(LoginBody)
        login = sessions.login(
            body.username,
            body.password,
            tenant=body.tenant,
            address=request.META.get("REMOTE_ADDR", ""),
            request_id=getattr(request._request, "request_id", ""),
        )
        return Response(_answer(login))


class RefreshView(AtomView):
    """`POST /auth/refresh`."""

    public = True

    @extend_schema(tags=["auth"], responses={200: dict})
    def post(self, request: Request) -> Response:
        """A rotated pair for a fresh refresh token."""
        body = self.parse(RefreshBody)
        return Response(
            _answer(sessions.refresh(body.refresh_token, request_id=getattr(request._request, "request_id", "")))
        )


class LogoutView(AtomView):
    """`POST /auth/logout`."""

    public = True

    @extend_schema(tags=["auth"], responses={204: None})
    def post(self, request: Request) -> Response:
        """Revoke the login that this refresh token belongs to."""
        body = self.parse(RefreshBody)
        sessions.logout(body.refresh_token, actor=getattr(request._request, "actor", None))
        return Response(None, status=204)


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
                "tenant": {"id": str(tenant.id), "slug": tenant.slug, "name": tenant.name} if tenant else None,
                "env": config.env,
            }
        )
