"""Django configuration of the artifacts app."""

from django.apps import AppConfig


class ArtifactsConfig(AppConfig):
    """Versioned artifacts, lineage, diff, feedback."""

    name = "apps.artifacts"
    label = "artifacts"
