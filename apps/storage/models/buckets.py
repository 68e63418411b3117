"""Buckets of a tenant: a name, and what an object in it may be."""

from django.db import models

from apps.core.models import BaseModel


class Bucket(BaseModel):
    """`content_types` empty means any."""

    name = models.CharField(max_length=63, unique=True)
    max_object_bytes = models.BigIntegerField(default=100 * 1024 * 1024)
    content_types = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.name
