"""Django configuration of the dashboards app."""

from django.apps import AppConfig

from apps.core import home


class DashboardsConfig(AppConfig):
    """Templates, layout engine, native rendering."""

    name = "apps.dashboards"
    label = "dashboards"

    def ready(self) -> None:
        """Say what home and the palette show of us."""
        home.register_step("dashboard", "apps.dashboards.pages.home.step", order=50)
        home.register_items(home.Slot.RECENT, "apps.dashboards.pages.home.recent", order=20)
        home.register_search("apps.dashboards.pages.home.search")
