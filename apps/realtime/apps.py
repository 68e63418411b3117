"""Django configuration of the realtime app."""

from django.apps import AppConfig

from apps.core import components
from apps.core.permissions import Scope
from apps.realtime import registry


class RealtimeConfig(AppConfig):
    """Topics, the socket, presence, history."""

    name = "apps.realtime"
    label = "realtime"

    def ready(self) -> None:
        """Claim the topics that belong to no single app above."""
        components.register("realtime", "apps.realtime.services.running.health")
        registry.register_topic("notifications", subscribe=Scope.REALTIME_SUBSCRIBE)
        registry.register_topic(
            "notifications.{person}",
            subscribe=Scope.REALTIME_SUBSCRIBE,
            check="apps.realtime.selectors.owners.is_own",
        )
        registry.register_topic(
            registry.TELEMETRY,
            subscribe=Scope.REALTIME_SUBSCRIBE,
            publish=Scope.REALTIME_PUBLISH,
            history=120,
            keep_seconds=600,
        )
        registry.register_topic("workflow.{workflow_id}", subscribe=Scope.WORKFLOW_READ)
        registry.register_topic("datasource.{datasource_id}", subscribe=Scope.DATASOURCE_VIEWER)
