"""Django configuration of the workflows app."""

from django.apps import AppConfig

from apps.core import home
from apps.tenancy import registry


class WorkflowsConfig(AppConfig):
    """The durable workflow engine."""

    name = "apps.workflows"
    label = "workflows"

    def ready(self) -> None:
        """Name the handlers of our wake-ups, and what the shell shows of us."""
        registry.register_wakeup("workflows.run", "apps.workflows.services.recovery.look")
        registry.register_wakeup("workflows.audit", "apps.workflows.services.auditor.audit")
        here = "apps.workflows.services.lifecycle"
        registry.register_activity(
            "workflows", count=f"{here}.count_unfinished", busy=f"{here}.count_busy", stop=f"{here}.stop_all"
        )
        home.register_items(home.Slot.RUNNING, "apps.workflows.pages.home.running", order=10)
        home.register_search("apps.workflows.pages.home.search")
