"""Django configuration of the studio app."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    """The Data Studio modules."""

    name = "apps.studio"
    label = "studio"
