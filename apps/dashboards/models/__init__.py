"""Models of the dashboards app; all in the tenant's schema."""

from apps.dashboards.models.dashboard import Dashboard, DashboardCard

__all__ = ["Dashboard", "DashboardCard"]
