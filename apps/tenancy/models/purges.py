"""Purges: what was asked, how far it is, the receipt. In `public`, without a foreign key: it outlives the tenant."""

from typing import ClassVar

from django.db import models

from apps.core.models import BaseModel
from apps.tenancy.enums import PurgeState


class Purge(BaseModel):
    """One purge of one tenant. `counted` is what was there before, `receipt` what was removed, with its signature."""

    tenant_id = models.UUIDField()
    slug = models.CharField(max_length=40)
    role_name = models.CharField(max_length=63)
    schema_name = models.CharField(max_length=63)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in PurgeState], default=PurgeState.ASKED)
    force = models.BooleanField(default=False)
    asked_by = models.UUIDField(null=True, blank=True)
    counted = models.JSONField(default=dict)
    receipt = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True)
    attempts = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant_id"], condition=~models.Q(state="done"), name="tenancy_one_purge_under_way"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {self.state}"

    @property
    def is_done(self) -> bool:
        """Whether nothing of the tenant is left."""
        return self.state == PurgeState.DONE
