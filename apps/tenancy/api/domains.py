"""A workspace's own domains."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.tenancy.engine.domains import shown
from apps.tenancy.models import Domain
from apps.tenancy.services import domains


class DomainBody(BaseModel):
    """The host name, in any script."""

    model_config = ConfigDict(extra="forbid")

    domain: str = Field(min_length=1, max_length=500)


def _answer(domain: Domain) -> dict[str, Any]:
    return {
        "id": str(domain.id),
        "domain": domain.domain,
        "shown_as": shown(domain.domain),
        "verified_at": domain.verified_at.isoformat() if domain.verified_at else None,
        "claim_ends_at": domain.expires_at.isoformat() if domain.expires_at else None,
        "checked_at": domain.checked_at.isoformat() if domain.checked_at else None,
        "problem": domain.problem,
        "record": {"type": "TXT", "name": domains.record_name(domain), "value": domains.record_value(domain)},
    }


class DomainsView(AtomView):
    """`GET|POST /api/v1/tenants/domains`."""

    required_scope = Scope.TENANT_MANAGE

    @extend_schema(tags=["tenants"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The workspace's domains, with the record that proves each."""
        return Response({"items": [_answer(domain) for domain in domains.list_for(self.actor)]})

    @extend_schema(tags=["tenants"], responses={201: dict})
    def post(self, request: Request) -> Response:
        """Claim one; it is served once its record is found."""
        return Response(_answer(domains.add(self.actor, self.parse(DomainBody).domain)), status=201)


class DomainView(AtomView):
    """`DELETE /api/v1/tenants/domains/{id}`."""

    required_scope = Scope.TENANT_MANAGE

    @extend_schema(tags=["tenants"], responses={204: None})
    def delete(self, request: Request, domain_id: UUID) -> Response:
        """Give it up; it is not served any more."""
        domains.remove(self.actor, domain_id)
        return Response(None, status=204)


class DomainVerifyView(AtomView):
    """`POST /api/v1/tenants/domains/{id}/verify`."""

    required_scope = Scope.TENANT_MANAGE

    @extend_schema(tags=["tenants"], responses={200: dict})
    def post(self, request: Request, domain_id: UUID) -> Response:
        """Look for its record now."""
        return Response(_answer(domains.verify(self.actor, domain_id)))
