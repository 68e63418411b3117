"""One run of a flow. The plan is frozen into it when it starts; the status moves by compare-and-set only."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from apps.core.models import BaseModel
from apps.workflows.engine.plan import Plan
from apps.workflows.engine.states import FINISHED_RUNS, RECOVERABLE_RUNS, SLOT_HOLDERS, UNFINISHED_RUNS
from apps.workflows.enums import RunStatus


class RunQuerySet(models.QuerySet["WorkflowRun"]):
    """Named filters."""

    def unfinished(self) -> Self:
        """Runs that may still move."""
        return self.filter(status__in=UNFINISHED_RUNS)

    def waiting(self) -> Self:
        """Runs that wait for a slot, longest first."""
        return self.filter(status=RunStatus.QUEUED).order_by("queued_at", "id")

    def holding_slots(self, now: datetime) -> Self:
        """Runs whose slot lease has not run out."""
        return self.filter(status__in=SLOT_HOLDERS, slot_expires_at__gt=now)


class WorkflowRun(BaseModel):
    """A run: what was asked, by whom, what it is doing, how it ended."""

    flow = models.CharField(max_length=80)
    title = models.CharField(max_length=160)
    plan = models.JSONField()
    input = models.JSONField()
    input_hash = models.CharField(max_length=64)
    run_key = models.CharField(max_length=64)
    status = models.CharField(max_length=20, choices=[(s.value, s.value) for s in RunStatus], default=RunStatus.QUEUED)
    reason = models.CharField(max_length=40, blank=True)
    actor_id = models.UUIDField(null=True, blank=True)
    actor = models.JSONField()
    request_id = models.CharField(max_length=64, blank=True)
    session_id = models.CharField(max_length=64, blank=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    slot_expires_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    progress = models.FloatField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.JSONField(null=True, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    dispatches = models.IntegerField(default=0)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run_key"],
                condition=Q(status__in=sorted(UNFINISHED_RUNS)),
                name="workflows_one_run_under_way",
            ),
            models.CheckConstraint(condition=Q(status__in=sorted(RunStatus)), name="workflows_run_status_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "queued_at"], name="workflows_run_queue"),
            models.Index(fields=["-created_at", "-id"], name="workflows_run_newest"),
        ]

    @property
    def frozen_plan(self) -> Plan:
        """The plan as it was when the run started."""
        return Plan.from_json(self.plan)

    @property
    def state(self) -> RunStatus:
        """The status as its type."""
        return RunStatus(self.status)

    @property
    def is_finished(self) -> bool:
        """Whether nothing moves any more."""
        return self.state in FINISHED_RUNS

    @property
    def can_recover(self) -> bool:
        """Whether a person may send it on from the failed step."""
        return self.state in RECOVERABLE_RUNS

    @property
    def can_cancel(self) -> bool:
        """Whether asking it to stop makes sense."""
        return self.state in UNFINISHED_RUNS and self.cancel_requested_at is None
