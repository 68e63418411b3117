"""The transactional outbox of domain events."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from apps.core.ids import new_id


class OutboxEvent(models.Model):
    """An event announced in the transaction of the change it tells of; relayed after commit, at least once."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="audit_outbox_waiting", condition=models.Q(published_at__isnull=True))
        ]
