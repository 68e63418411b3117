"""Reads of tenants, as the runtime role with no tenant entered (a tenant's own role sees its own row only)."""

from uuid import UUID

from apps.core import tenant as tenant_context
from apps.core.errors import NotFound
from apps.core.tenant import TenantRef
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import Tenant


def by_id(tenant_id: UUID) -> TenantRef:
    """The active tenant with this id; raises NotFound."""
    with tenant_context.entered(None):
        found = Tenant.objects.filter(id=tenant_id, status=TenantStatus.ACTIVE).first()
    if found is None:
        raise NotFound("There is no such tenant.")
    return found.ref


def by_slug(slug: str) -> TenantRef:
    """The active tenant with this slug; raises NotFound."""
    with tenant_context.entered(None):
        found = Tenant.objects.filter(slug=slug, status=TenantStatus.ACTIVE).first()
    if found is None:
        raise NotFound("There is no such tenant.")
    return found.ref


def list_active() -> list[TenantRef]:
    """All active tenants, by slug."""
    with tenant_context.entered(None):
        return [tenant.ref for tenant in Tenant.objects.filter(status=TenantStatus.ACTIVE)]


def list_with_data() -> list[TenantRef]:
    """All tenants that have a schema, the suspended ones included, by slug: what concerns keys concerns them too."""
    kept = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED)
    with tenant_context.entered(None):
        return [tenant.ref for tenant in Tenant.objects.filter(status__in=kept)]


def exists(tenant_id: UUID) -> bool:
    """Whether the tenant is there at all, whatever its state."""
    with tenant_context.entered(None):
        return Tenant.objects.filter(id=tenant_id).exists()
