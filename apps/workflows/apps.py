"""Django configuration of the workflows app."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """The durable workflow engine."""

    name = "apps.workflows"
    label = "workflows"
