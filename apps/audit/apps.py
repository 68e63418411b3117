"""Django configuration of the audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit trail with its hash chain; the event contract and its outbox."""

    name = "apps.audit"
    label = "audit"
