"""Django configuration of the alerts app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, policy, routing, notifications."""

    name = "apps.alerts"
    label = "alerts"
