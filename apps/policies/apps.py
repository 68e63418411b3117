"""Django configuration of the policies app."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The policy gate: SQL safety, cost, PII, approvals, secrets, limits."""

    name = "apps.policies"
    label = "policies"
