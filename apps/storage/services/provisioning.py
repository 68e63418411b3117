"""The storage prefix of a tenant, as a step of provisioning."""

from apps.core import folders
from apps.core.tenant import TenantRef
from apps.storage.connectors import disk
from apps.tenancy.registry import ProvisioningContext


def provision(context: ProvisioningContext) -> None:
    """Make the tenant's folder."""
    disk.root_of(context.tenant.id).mkdir(parents=True, exist_ok=True, mode=0o700)


def undo(context: ProvisioningContext) -> None:
    """Remove it with everything in it."""
    disk.remove_all(context.tenant.id)


def count(tenant: TenantRef) -> dict[str, int]:
    """Objects of the tenant, and their bytes; all zero once it is gone."""
    sizes = [facts.st_size for _, facts in folders.files_below(disk.root_of(tenant.id))]
    return {"objects": len(sizes), "bytes": sum(sizes)}


def held_bytes(tenant: TenantRef) -> int:
    """What the tenant keeps here, for the bill."""
    return count(tenant)["bytes"]
