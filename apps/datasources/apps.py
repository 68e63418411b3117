"""Django configuration of the datasources app."""

from django.apps import AppConfig


class DatasourcesConfig(AppConfig):
    """The registry, connectors, execution, workers, catalog, profiler, recommendations."""

    name = "apps.datasources"
    label = "datasources"
