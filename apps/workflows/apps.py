"""Django configuration of the workflows app."""

from django.apps import AppConfig

from apps.tenancy import registry


class WorkflowsConfig(AppConfig):
    """The durable workflow engine."""

    name = "apps.workflows"
    label = "workflows"

    def ready(self) -> None:
        """Name the handlers of our wake-ups."""
        registry.register_wakeup("workflows.run", "apps.workflows.services.recovery.look")
        registry.register_wakeup("workflows.audit", "apps.workflows.services.auditor.audit")
