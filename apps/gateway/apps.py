"""Django configuration of the gateway app."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """What stands at the door: request ids, checks, health, metrics, home."""

    name = "apps.gateway"
    label = "gateway"
