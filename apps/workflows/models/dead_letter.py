"""Runs that ended in a way that wants a person: kept whole, searchable, requeued on request."""

from typing import ClassVar

from django.db import models

from apps.core.models import BaseModel


class DeadLetter(BaseModel):
    """The full history of a run that ended in failure, as it was then."""

    workflow_id = models.UUIDField(db_index=True)
    flow = models.CharField(max_length=80)
    failure_class = models.CharField(max_length=20)
    error_code = models.CharField(max_length=40)
    input_hash = models.CharField(max_length=64)
    steps = models.JSONField()
    history = models.JSONField()
    requeued_at = models.DateTimeField(null=True, blank=True)
    requeued_by = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="workflows_dead_newest")]
