"""Django configuration of the gateway app."""

from django.apps import AppConfig

from apps.core import home
from apps.gateway import parts
from apps.realtime import registry as realtime
from apps.tenancy.registry import register_wakeup


class GatewayConfig(AppConfig):
    """What stands at the door: request ids, body and content checks, the firewall, health, readiness, metrics."""

    name = "apps.gateway"
    label = "gateway"

    def ready(self) -> None:
        """Declare the parts of the installation; tie the socket's identity and audit to the apps that own them."""
        parts.declare()
        register_wakeup("gateway.export_expiry", "apps.gateway.services.exports.packing.expire")
        home.register_notices("apps.gateway.selectors.degraded.notices")
        realtime.register_identity("apps.gateway.services.sockets.prove")
        realtime.register_publish_record("apps.gateway.services.sockets.record_publish")
