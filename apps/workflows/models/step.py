"""The result of one step of a run. Only the holder of the current fence may write to a running step."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.core.models import BaseModel
from apps.workflows.enums import StepStatus
from apps.workflows.models.run import WorkflowRun


class StepResult(BaseModel):
    """A step: its state, its lease, what it returned or how it failed. `fence` grows with every claim."""

    run = models.ForeignKey(WorkflowRun, on_delete=models.CASCADE, related_name="steps")
    step_name = models.CharField(max_length=80)
    position = models.IntegerField()
    title = models.CharField(max_length=160)
    status = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in StepStatus], default=StepStatus.PENDING
    )
    idempotency_key = models.CharField(max_length=300, null=True, blank=True, unique=True)
    input_hash = models.CharField(max_length=64, blank=True)
    output = models.JSONField(null=True, blank=True)
    output_hash = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    retry_count = models.IntegerField(default=0)
    timeouts = models.IntegerField(default=0)
    lost_workers = models.IntegerField(default=0)
    sampling = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.JSONField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    fence = models.IntegerField(default=0)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    progress = models.FloatField(default=0)
    progress_message = models.CharField(max_length=300, blank=True)
    progress_fields = models.JSONField(default=dict, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    links = models.JSONField(default=list, blank=True)

    class Meta:
        ordering: ClassVar = ["run_id", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "step_name"], name="workflows_one_result_per_step"),
            models.CheckConstraint(condition=Q(status__in=sorted(StepStatus)), name="workflows_step_status_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["lease_expires_at"], condition=Q(status="running"), name="workflows_step_lease"),
        ]

    @property
    def state(self) -> StepStatus:
        """The status as its type."""
        return StepStatus(self.status)
