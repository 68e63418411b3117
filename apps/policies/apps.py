"""Django configuration of the policies app."""

import logging

from django.apps import AppConfig

from apps.core import components
from apps.policies import registry


class PoliciesConfig(AppConfig):
    """The policy gate: SQL safety, cost, PII, approvals, secrets, limits."""

    name = "apps.policies"
    label = "policies"

    def ready(self) -> None:
        """Register the encryption key as a step of provisioning; keep sqlglot from logging users' SQL."""
        from apps.tenancy.registry import (  # noqa: PLC0415  # apps are ready only now
            register_meter,
            register_provisioning_step,
            register_vault,
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
        logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
