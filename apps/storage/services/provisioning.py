"""The storage prefix of a tenant, as a step of provisioning."""

from apps.storage.connectors import disk
from apps.tenancy.registry import ProvisioningContext


def provision(context: ProvisioningContext) -> None:
    """Make the tenant's folder."""
    disk.root_of(context.tenant.id).mkdir(parents=True, exist_ok=True, mode=0o700)


def undo(context: ProvisioningContext) -> None:
    """Remove it with everything in it."""
    disk.remove_all(context.tenant.id)
