"""Django configuration of the tenancy app."""

from django.apps import AppConfig

from apps.tenancy import registry


class TenancyConfig(AppConfig):
    """Tenants, domains, users, memberships, tokens, provisioning, migration runner."""

    name = "apps.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        """Register the wake-ups of the apps below, which cannot import this one."""
        registry.register_wakeup("outbox", "apps.audit.services.relay.relay_events")
        registry.register_wakeup("audit-relay", "apps.audit.services.relay.relay_log")
        registry.register_wakeup("audit-daily", "apps.audit.services.duties.daily")
        registry.register_wakeup("tenancy.letter", "apps.tenancy.services.letters.deliver")
        registry.register_wakeup("tenancy.usage", "apps.tenancy.services.metering.roll_up")
        registry.register_wakeup("tenancy.sweep", "apps.tenancy.services.sweeping.sweep")
        registry.register_wakeup("tenancy.purge", "apps.tenancy.services.purges.running.run")
