"""How a tenant's people come in, for programs of its admins."""

from typing import Any

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.tenancy.selectors import sign_in as reads
from apps.tenancy.services import sign_in


class ProviderBody(BaseModel):
    """A provider; an empty secret keeps the one there is."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=60)
    issuer: str = Field(min_length=8, max_length=300)
    client_id: str = Field(min_length=1, max_length=300)
    client_secret: str = Field("", max_length=1000)
    allowed_domains: list[str] = Field(min_length=1, max_length=50)
    auto_join_role: str = Field("", max_length=8)
    is_enabled: bool = True


class RuleBody(BaseModel):
    """The rule about second factors."""

    model_config = ConfigDict(extra="forbid")

    required: bool


def _shown(settings: reads.SignIn) -> dict[str, Any]:
    row = settings.provider
    provider = row and {
        "name": row.name,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "allowed_domains": row.allowed_domains,
        "auto_join_role": row.auto_join_role,
        "is_enabled": row.is_enabled,
    }
    return {
        "provider": provider,
        "redirect_uri": sign_in.redirect_uri(),
        "requires_second_factor": settings.requires_second_factor,
    }


class SignInView(AtomView):
    """`GET|PUT|DELETE /api/v1/auth/sign-in`."""

    required_scope = Scope.SETTINGS_MANAGE
    unread_fields = frozenset({"client_secret"})

    @extend_schema(tags=["sign-in"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The settings, without the secret."""
        return Response(_shown(reads.settings_for(self.actor)))

    @extend_schema(tags=["sign-in"], request=ProviderBody, responses={200: dict})
    def put(self, request: Request) -> Response:
        """Keep the provider; one that is switched on is asked who it is first."""
        sign_in.configure(self.actor, sign_in.Wish(**self.parse(ProviderBody).model_dump()))
        return Response(_shown(reads.settings_for(self.actor)))

    @extend_schema(tags=["sign-in"], responses={204: None})
    def delete(self, request: Request) -> Response:
        """Do without a provider."""
        sign_in.remove(self.actor)
        return Response(None, status=204)


class SecondFactorRuleView(AtomView):
    """`PUT /api/v1/auth/sign-in/second-factor`."""

    required_scope = Scope.SETTINGS_MANAGE

    @extend_schema(tags=["sign-in"], request=RuleBody, responses={200: dict})
    def put(self, request: Request) -> Response:
        """Whether people need a second factor to come in."""
        sign_in.require_second_factor(self.actor, wanted=self.parse(RuleBody).required)
        return Response(_shown(reads.settings_for(self.actor)))
