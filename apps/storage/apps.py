"""Django configuration of the storage app."""

from django.apps import AppConfig

from apps.tenancy.registry import register_meter, register_provisioning_step, register_store


class StorageConfig(AppConfig):
    """Object storage and signed URLs."""

    name = "apps.storage"
    label = "storage"

    def ready(self) -> None:
        """A tenant gets its prefix when it is made and loses it when it goes."""
        steps = "apps.storage.services.provisioning"
        register_provisioning_step("storage", f"{steps}.provision", f"{steps}.undo", order=70)
        register_store("objects", f"{steps}.count")
        register_meter("objects", level=f"{steps}.held_bytes")
