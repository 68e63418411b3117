"""Answers kept under an idempotency key, so that a repeated POST is answered and not done again."""

from django.db import models

from apps.core.models import BaseModel


class AnswerState(models.TextChoices):
    """Whether the request behind a key has been answered."""

    RUNNING = "running"
    DONE = "done"


class KeptAnswer(BaseModel):
    """One key of one actor; `request_hash` covers method, path and body."""

    actor_id = models.UUIDField()
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=AnswerState.choices, default=AnswerState.RUNNING)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, default="", blank=True)
    body = models.BinaryField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="gateway_answer_key")]
        indexes = [models.Index(fields=["expires_at"], name="gateway_answer_expiry")]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"
