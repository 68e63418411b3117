"""Dashboards in the tenant's admin: to look at; they change by being generated again."""

from apps.audit.admin import register_read_only
from apps.dashboards.models import Dashboard, DashboardCard

register_read_only(Dashboard, *("generated_at", "title", "template", "version", "datasource_id"), search=("title",))
register_read_only(
    DashboardCard, *("dashboard_id", "position", "title", "kind", "estimated_bytes"), search=("title", "key")
)
