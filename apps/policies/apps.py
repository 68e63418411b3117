"""Django configuration of the policies app."""

import logging

from django.apps import AppConfig

from apps.core import components, home
from apps.core.permissions import Scope
from apps.policies import registry
from apps.realtime import registry as realtime


class PoliciesConfig(AppConfig):
    """The policy gate: SQL safety, cost, PII, approvals, secrets, limits."""

    name = "apps.policies"
    label = "policies"

    def ready(self) -> None:
        """Name our wake-ups, topics, parts of the home page and provisioning; keep sqlglot from logging users' SQL."""
        from apps.tenancy.registry import (  # noqa: PLC0415  # apps are ready only now
            register_meter,
            register_provisioning_step,
            register_vault,
            register_wakeup,
        )

        register_meter("bytes", by_day="apps.policies.selectors.usage.bytes_by_day")
        register_provisioning_step(
            "encryption key",
            "apps.policies.services.datakeys.provision",
            "apps.policies.services.datakeys.remove",
            order=30,
        )
        components.register(
            "real_execution", "apps.policies.services.selfcheck.health", environment=("ALLOW_REAL_QUERY_EXECUTION",)
        )
        components.register(
            "vault", "apps.policies.services.signing.vault_health", environment=("VAULT_ADDR", "VAULT_TOKEN")
        )
        components.register(
            "cosign", "apps.policies.services.signing.signing_health",
            environment=("COSIGN_KEY_PATH", "COSIGN_PASSWORD"),
        )  # fmt: skip
        registry.register_sealed_values("secrets", "apps.policies.services.secrets.reseal_all")
        register_vault("apps.policies.services.vault")
        register_wakeup("policies.approval", "apps.policies.services.approvals.expire")
        register_wakeup("policies.ledger", "apps.policies.services.ledger.sweep")
        realtime.register_topic("approvals", subscribe=Scope.APPROVALS_READ, history=200, keep_seconds=3600)
        home.register_items(home.Slot.ATTENTION, "apps.policies.pages.inbox.attention", order=5)
        logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
