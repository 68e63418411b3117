"""What a tenant gets and leaves behind on disk: the folder of its warehouse."""

from apps.core import folders
from apps.core.components import Health, Mode
from apps.core.tenant import TenantRef
from apps.datasources.connectors.sandbox import files
from apps.datasources.services import warehouse
from apps.tenancy.registry import ProvisioningContext
from atom_project.config import config


def provision(ctx: ProvisioningContext) -> None:
    """Make the folder; its tables come with the first load."""
    files.folder_of(ctx.tenant.id).mkdir(parents=True, exist_ok=True)


def undo(ctx: ProvisioningContext) -> None:
    """Remove the folder and all that is in it."""
    warehouse.destroy(ctx.tenant.id)


def count(tenant: TenantRef) -> dict[str, int]:
    """Files of the warehouse and their bytes; all zero once it is gone."""
    sizes = [facts.st_size for _, facts in folders.files_below(files.folder_of(tenant.id))]
    return {"files": len(sizes), "bytes": sum(sizes)}


def held_bytes(tenant: TenantRef) -> int:
    """What the tenant keeps here, for the bill."""
    return count(tenant)["bytes"]


def health() -> Health:
    """Whether warehouses can be written."""
    folder = config.state_dir / "warehouse"
    folder.mkdir(parents=True, exist_ok=True)
    return Health(Mode.EMBEDDED, True, "Sandbox warehouse: Parquet files asked by DuckDB in BigQuery SQL.")
