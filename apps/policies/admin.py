"""Policies in the tenant's admin: to look at. Settings change through their service, approvals through their inbox;
secrets and keys show names and versions, never a value.
"""

from apps.audit.admin import ReadOnlyAdmin, register_read_only, tenant_site
from apps.policies.models import Approval, CostEstimate, LedgerEntry, PolicySettings, Secret, TenantKey

register_read_only(
    Approval, *("created_at", "state", "kinds", "query_hash", "expires_at"), search=("query_hash", "state")
)
register_read_only(CostEstimate, *("created_at", "decision", "bytes", "usd", "accuracy"), search=("query_hash",))
register_read_only(
    LedgerEntry,
    *("created_at", "state", "reserved_bytes", "actual_bytes", "usd", "artifact_ref"),
    search=("query_hash", "artifact_ref"),
)
register_read_only(PolicySettings, *("version", "row_limit", "bytes_per_query", "bytes_per_hour", "timeout_ms"))


class SealedAdmin(ReadOnlyAdmin):
    """Shows that something sealed exists, and since when."""

    fields: tuple[str, ...] = ("version", "created_at")
    list_display: tuple[str, ...] = ("version", "created_at")

    def get_readonly_fields(self, request: object, obj: object = None) -> tuple[str, ...]:
        """The named fields alone: the sealed bytes stay out of the page."""
        return self.fields


class SecretAdmin(SealedAdmin):
    """Names and versions of secrets."""

    fields = ("name", "version", "is_current", "created_at")
    list_display = ("name", "version", "is_current", "created_at")
    search_fields = ("name",)


tenant_site.register(Secret, SecretAdmin)
tenant_site.register(TenantKey, SealedAdmin)
