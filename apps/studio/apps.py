"""Django configuration of the studio app."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    """The Data Studio modules."""

    name = "apps.studio"
    label = "studio"

    def ready(self) -> None:
        """Register the studio database as a step of provisioning, after the key that seals its secrets."""
        from apps.tenancy.registry import register_provisioning_step  # noqa: PLC0415  # apps are ready only now

        register_provisioning_step(
            "studio database",
            "apps.studio.services.project.provision",
            "apps.studio.services.project.remove",
            order=40,
            prepare="apps.studio.services.project.prepare",
        )
