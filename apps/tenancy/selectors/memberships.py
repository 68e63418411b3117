"""Reads of people and their places, as the runtime role with no tenant entered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import Membership


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant as one of its members sees it."""

    slug: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Member:
    """A line of the member list."""

    id: UUID
    name: str
    email: str
    role: str
    is_active: bool
    joined_at: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody whom the embedded installation offers to be."""

    email: str
    name: str
    role: str
    workspace: str
    slug: str


def workspaces_of(user_id: UUID) -> list[Workspace]:
    """Active tenants of a person, by name."""
    with tenant_context.entered(None):
        rows = (
            Membership.objects.filter(user_id=user_id, is_active=True, tenant__status=TenantStatus.ACTIVE)
            .order_by("tenant__name")
            .values_list("tenant__slug", "tenant__name", "role")
        )
        return [Workspace(*row) for row in rows]


def members_for(actor: Actor) -> list[Member]:
    """Everybody in the actor's tenant, admins first; raises Forbidden without `members:read`."""
    actor.require(Scope.MEMBERS_READ)
    if actor.tenant is None:
        return []
    with tenant_context.entered(None):
        rows = (
            Membership.objects.filter(tenant_id=actor.tenant.id)
            .order_by("role", "user__name")
            .values_list("id", "user__name", "user__email", "role", "is_active", "created_at", "user__last_login")
        )
        return [Member(*row) for row in rows]


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
