"""Sealed values and the key that seals them. Only `services.secrets` reads or writes these tables."""

from django.db import models

from apps.core.models import BaseModel


class TenantKey(BaseModel):
    """A data key of the tenant, wrapped by the master key. Rotating the master key re-wraps it in place."""

    version = models.PositiveIntegerField(unique=True)
    wrapped = models.BinaryField()
    master_key_id = models.CharField(max_length=16)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenant_keys"
        ordering = ("-version",)

    def __str__(self) -> str:
        return f"key v{self.version}"


class Secret(BaseModel):
    """One version of a named secret; the highest `is_current` one is used."""

    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    sealed = models.BinaryField()
    is_current = models.BooleanField(default=True)
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "secrets"
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="secret_version_once"),
            models.UniqueConstraint(fields=["name"], condition=models.Q(is_current=True), name="secret_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"
