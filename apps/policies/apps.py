"""Django configuration of the policies app."""

import logging

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The policy gate: SQL safety, cost, PII, approvals, secrets, limits."""

    name = "apps.policies"
    label = "policies"

    def ready(self) -> None:
        """Register the encryption key as a step of provisioning; keep sqlglot from logging users' SQL."""
        from apps.tenancy.registry import register_provisioning_step  # noqa: PLC0415  # apps are ready only now

        register_provisioning_step(
            "encryption key",
            "apps.policies.services.secrets.provision_key",
            "apps.policies.services.secrets.remove_key",
            order=30,
        )
        logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
