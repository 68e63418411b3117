"""Django configuration of the artifacts app."""

from django.apps import AppConfig

from apps.core import home


class ArtifactsConfig(AppConfig):
    """Versioned artifacts, lineage, diff and feedback."""

    name = "apps.artifacts"
    label = "artifacts"

    def ready(self) -> None:
        """Say what home shows of us."""
        home.register_step("feedback", "apps.artifacts.pages.home.step", order=70)
