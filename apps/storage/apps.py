"""Django configuration of the storage app."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    """Object storage and signed URLs."""

    name = "apps.storage"
    label = "storage"
