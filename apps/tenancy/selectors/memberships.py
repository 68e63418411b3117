"""Reads of people and their places, as the runtime role with no tenant entered."""

from dataclasses import dataclass
from uuid import UUID

from apps.core import tenant as tenant_context
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import Membership


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant as one of its members sees it."""

    slug: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody whom the embedded installation offers to be."""

    email: str
    name: str
    role: str
    workspace: str
    slug: str


def workspaces_of(user_id: UUID, *, only_tenant: str = "") -> list[Workspace]:
    """Active tenants of a person, by name; with `only_tenant` (an id) that one at most."""
    with tenant_context.entered(None):
        places = Membership.objects.filter(
            user_id=user_id, is_active=True, needs_proof=False, tenant__status=TenantStatus.ACTIVE
        )
        rows = (
            (places.filter(tenant_id=only_tenant) if only_tenant else places)
            .order_by("tenant__name")
            .values_list("tenant__slug", "tenant__name", "role")
        )
        return [Workspace(*row) for row in rows]


def demo_people() -> list[DemoPerson]:
    """Members of the demo tenants, in the order of their tenants and roles."""
    with tenant_context.entered(None):
        rows = (
            Membership.objects.filter(
                tenant__is_demo=True, tenant__status=TenantStatus.ACTIVE, is_active=True, user__is_active=True
            )
            .order_by("tenant__slug", "role", "user__email")
            .values_list("user__email", "user__name", "role", "tenant__name", "tenant__slug")
        )
        return [DemoPerson(*row) for row in rows]
