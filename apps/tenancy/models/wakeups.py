"""The one table that is polled: what is due, for whom. In `public`, written in the tenant's own transaction."""

from typing import ClassVar

from django.db import models

from apps.core.models import BaseModel


class Wakeup(BaseModel):
    """“Enter `tenant_id` at `due_at` and call the handler of `kind` with `ref`.” One row per (tenant, kind, ref)."""

    tenant_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    ref = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant_id", "kind", "ref"], name="tenancy_one_wakeup")
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="tenancy_wakeup_due")]
