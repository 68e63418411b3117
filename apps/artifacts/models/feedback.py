"""What people said about an answer, a dashboard or a memo. Written once, like the version it speaks of."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.artifacts.enums import FeedbackKind, Polarity
from apps.core.models import BaseModel


class Feedback(BaseModel):
    """One opinion, bound to the version it was given on and to the hashes that made it."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in FeedbackKind])
    polarity = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Polarity])
    comment = models.TextField(blank=True, max_length=4_000)
    artifact_id = models.UUIDField(null=True, blank=True)
    version = models.PositiveIntegerField(null=True, blank=True)
    version_sha256 = models.CharField(max_length=64, blank=True)
    anchor = models.CharField(max_length=120, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    tool_hashes = models.JSONField(default=list)
    query_hash = models.CharField(max_length=64, blank=True)
    actor_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        verbose_name_plural = "feedback"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=sorted(FeedbackKind)), name="artifacts_feedback_kind_known"),
            models.CheckConstraint(condition=Q(polarity__in=sorted(Polarity)), name="artifacts_polarity_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["artifact_id", "version"], name="artifacts_feedback_on"),
            models.Index(fields=["-created_at", "-id"], name="artifacts_feedback_newest"),
        ]
