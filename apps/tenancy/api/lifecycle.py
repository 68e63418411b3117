"""The workspace itself: its name and address, and its end. A receipt is open to whoever holds its token."""

from typing import Any

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.tenancy.services import lifecycle
from apps.tenancy.services.purges import asking, receipts
from atom_project.config import config


class RenameBody(BaseModel):
    """What changes; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=1000)
    slug: str | None = Field(None, max_length=1000)


class PurgeBody(BaseModel):
    """`confirm` must be true; `force` ends what is still at work."""

    model_config = ConfigDict(extra="forbid")

    confirm: bool = False
    force: bool = False


def tenant_of(view: AtomView) -> TenantRef:
    """The caller's workspace."""
    if view.actor.tenant is None:
        raise NotFound("There is no such tenant.")
    return view.actor.tenant


class CurrentTenantView(AtomView):
    """`GET|PATCH /api/v1/tenants/current`."""

    required_scopes = {"GET": Scope.DATASOURCE_VIEWER, "PATCH": Scope.TENANT_MANAGE}

    @extend_schema(tags=["tenants"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The caller's workspace."""
        return Response(_answer(tenant_of(self)))

    @extend_schema(tags=["tenants"], responses={200: dict})
    def patch(self, request: Request) -> Response:
        """Rename it; old addresses lead on to the new ones for 90 days."""
        body, tenant = self.parse(RenameBody), tenant_of(self)
        name = tenant.name if body.name is None else body.name
        slug = tenant.slug if body.slug is None else body.slug
        return Response(_answer(lifecycle.rename(tenant.id, actor=self.actor, name=name, slug=slug)))


def _answer(tenant: TenantRef) -> dict[str, Any]:
    return {"id": str(tenant.id), "slug": tenant.slug, "name": tenant.name, "timezone": tenant.timezone}


class PurgePreviewView(AtomView):
    """`GET /api/v1/tenants/purge/preview`."""

    required_scope = Scope.TENANT_MANAGE

    @extend_schema(tags=["tenants"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """What a purge would remove, by store, and what is still at work."""
        return Response(asking.as_answer(asking.preview(self.actor, tenant_of(self))))


class PurgeView(AtomView):
    """`POST /api/v1/tenants/purge`."""

    required_scope = Scope.TENANT_MANAGE

    @extend_schema(tags=["tenants"], responses={202: dict})
    def post(self, request: Request) -> Response:
        """Close the workspace now and remove it; the answer's `receipt_url` needs no login and works for 90 days."""
        body = self.parse(PurgeBody)
        purge = asking.ask(self.actor, tenant_of(self), confirm=body.confirm, force=body.force)
        token = receipts.token_of(purge)
        address = f"/api/v1/tenants/purge/receipts/{token}"
        return Response(
            {**receipts.as_answer(purge), "receipt_token": token, "receipt_url": config.base_url + address},
            status=202,
            headers={"Location": address},
        )


class PurgeReceiptView(AtomView):
    """`GET /api/v1/tenants/purge/receipts/<token>`."""

    public = True

    @extend_schema(tags=["tenants"], responses={200: dict})
    def get(self, request: Request, token: str) -> Response:
        """How far the purge is, and its signed receipt once it is done."""
        return Response(receipts.as_answer(receipts.read(token)))
