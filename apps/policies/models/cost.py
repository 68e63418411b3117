"""What a query was expected to cost, and what it did cost. An execution without an estimate cannot be stored."""

from django.db import models

from apps.core.models import BaseModel
from apps.policies.enums import Accuracy, Purpose


class CostEstimate(BaseModel):
    """One dry run: named by the decision it led to. Never changed."""

    query_hash = models.CharField(max_length=64)
    datasource_id = models.UUIDField()
    actor_id = models.UUIDField(null=True, blank=True)
    purpose = models.CharField(max_length=16, choices=[(each.value, each.value) for each in Purpose])
    bytes = models.BigIntegerField()
    usd = models.DecimalField(max_digits=14, decimal_places=6)
    rows = models.BigIntegerField(null=True, blank=True)
    accuracy = models.CharField(max_length=16, choices=[(each.value, each.value) for each in Accuracy])
    decision = models.CharField(max_length=16)
    policy_version = models.CharField(max_length=80)

    class Meta:
        db_table = "cost_estimates"
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=["query_hash", "-created_at"], name="cost_estimate_hash")]

    def __str__(self) -> str:
        return f"{self.bytes} bytes"


class LedgerState(models.TextChoices):
    """Life of one execution's money: reserved → settled | released | lost; lost → settled | released.

    Lost: its process died and nobody knows what was billed. It counts at its estimate until somebody releases it.
    """

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"
    LOST = "lost"


class LedgerEntry(BaseModel):
    """One execution: what was reserved, what was billed. The truth behind the limiter in Redis."""

    estimate = models.ForeignKey(CostEstimate, on_delete=models.PROTECT, related_name="executions")
    reservation = models.CharField(max_length=80, unique=True)
    datasource_id = models.UUIDField()
    actor_id = models.UUIDField(null=True, blank=True)
    artifact_ref = models.CharField(max_length=200, blank=True, default="")
    query_hash = models.CharField(max_length=64)
    reserved_bytes = models.BigIntegerField()
    actual_bytes = models.BigIntegerField(null=True, blank=True)
    usd = models.DecimalField(max_digits=14, decimal_places=6, default=0)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=LedgerState.choices, default=LedgerState.RESERVED)
    target = models.CharField(max_length=20, blank=True, default="")
    approval_id = models.UUIDField(null=True, blank=True)
    cache_hit = models.BooleanField(default=False)
    in_redis = models.BooleanField(default=True)
    """False where it was booked while Redis was out: the window there has to be filled again."""

    class Meta:
        db_table = "cost_ledger"
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="cost_ledger_time"),
            models.Index(fields=["artifact_ref"], name="cost_ledger_artifact"),
            models.Index(
                fields=["created_at"], name="cost_ledger_open", condition=models.Q(state__in=["reserved", "lost"])
            ),
            models.Index(fields=["created_at"], name="cost_ledger_behind", condition=models.Q(in_redis=False)),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.reserved_bytes}"

    @property
    def counted_bytes(self) -> int:
        """What this entry takes out of the hour."""
        return self.reserved_bytes if self.actual_bytes is None else self.actual_bytes
