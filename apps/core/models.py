"""Base model: UUIDv7 key and two timestamps. `core` itself has no tables."""

from django.db import models
from django.utils import timezone

from apps.core.ids import new_id


class BaseModel(models.Model):
    """Abstract base of ATOM's models."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
