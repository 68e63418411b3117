"""What happened in a run, in order: the audit of states and the page's log come from the same rows."""

from typing import ClassVar

from django.db import models

from apps.core.models import BaseModel
from apps.workflows.enums import TimelineKind
from apps.workflows.models.run import WorkflowRun


class TimelineRow(BaseModel):
    """One transition or note; written in the transaction of the change, never altered."""

    run = models.ForeignKey(WorkflowRun, on_delete=models.CASCADE, related_name="timeline")
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in TimelineKind])
    step_name = models.CharField(max_length=80, blank=True)
    attempt = models.IntegerField(default=0)
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=500, blank=True)
    actor_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        indexes: ClassVar = [models.Index(fields=["run", "created_at", "id"], name="workflows_timeline_order")]
