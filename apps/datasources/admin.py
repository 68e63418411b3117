"""The catalog in the tenant's admin: to look at; decisions go through their pages, where they are audited."""

from apps.audit.admin import register_read_only
from apps.datasources.models import CatalogColumn, CatalogTable, ProfileSnapshot, Recommendation

register_read_only(
    CatalogTable,
    *("dataset", "name", "kind", "row_count", "state", "profiled_at", "latest_at", "gone_at"),
    search=("dataset", "name", "description"),
)
register_read_only(
    CatalogColumn,
    *("name", "table_id", "type", "semantic", "null_share", "distinct", "pii_kind", "pii_tier", "pii_decision"),
    search=("name", "pii_kind"),
)
register_read_only(ProfileSnapshot, *("taken_at", "table_id", "row_count", "run_id"), search=("run_id",))
register_read_only(
    Recommendation,
    *("table_id", "role", "confidence", "status", "decided_at"),
    search=("role", "status"),
)
