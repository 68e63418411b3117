"""The memo of one week, and each attempt to write it. Packet and text are in the versions of its artifact."""

from typing import ClassVar

from django.db import models

from apps.core.models import BaseModel
from apps.memos.enums import Significance, ValidationStatus


class Memo(BaseModel):
    """One memo for each datasource, week (by its last day) and time zone."""

    datasource_id = models.UUIDField(db_index=True)
    first_day = models.DateField()
    last_day = models.DateField()
    tz = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    headline = models.TextField(blank=True)
    significance = models.CharField(max_length=10, choices=[(level.value, level.value) for level in Significance])
    artifact_id = models.UUIDField()
    version = models.PositiveIntegerField()
    packet_sha256 = models.CharField(max_length=64)
    validation_status = models.CharField(max_length=24, choices=[(s.value, s.value) for s in ValidationStatus])
    warnings = models.JSONField(default=list)
    run_id = models.UUIDField(null=True, blank=True)
    generated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-last_day", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["datasource_id", "last_day", "tz"], name="memos_one_per_week"),
        ]
        indexes: ClassVar = [models.Index(fields=["-last_day", "-id"], name="memos_newest")]


class MemoAttempt(BaseModel):
    """One text that was written, and the checks it failed (none for the one shown)."""

    memo = models.ForeignKey(Memo, on_delete=models.CASCADE, related_name="attempts")
    version = models.PositiveIntegerField()
    number = models.PositiveSmallIntegerField()
    writer = models.CharField(max_length=80)
    document = models.JSONField()
    findings = models.JSONField(default=list)
    accepted = models.BooleanField()

    class Meta:
        ordering: ClassVar = ["memo_id", "version", "number"]
