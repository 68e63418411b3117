"""Django configuration of the dashboards app."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Templates, layout engine, native rendering."""

    name = "apps.dashboards"
    label = "dashboards"
