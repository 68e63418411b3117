"""Django configuration of the dashboards app."""

from django.apps import AppConfig

from apps.core import home
from apps.core.permissions import Scope
from apps.tenancy import registry
from apps.tenancy.registry import Shareable


class DashboardsConfig(AppConfig):
    """Templates, layout engine, native rendering."""

    name = "apps.dashboards"
    label = "dashboards"

    def ready(self) -> None:
        """Say what home and the palette show of us, and that our objects can be shared."""
        registry.register_shareable(
            Shareable(
                "dashboard",
                "dashboards.Dashboard",
                title_field="title",
                read_scope=Scope.DASHBOARD_READ,
                write_scope=Scope.DASHBOARD_WRITE,
                url_name="dashboards:board",
                also="artifacts.Artifact",
                also_field="artifact_id",
            )
        )
        home.register_step("dashboard", "apps.dashboards.pages.home.step", order=50)
        home.register_items(home.Slot.RECENT, "apps.dashboards.pages.home.recent", order=20)
        home.register_search("apps.dashboards.pages.home.search")
