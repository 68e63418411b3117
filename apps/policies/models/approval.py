"""A question to a person: may this run? Bound to the hash of what was asked, and to a time."""

from django.db import models

from apps.core.models import BaseModel
from apps.policies.enums import ApprovalKind


class ApprovalState(models.TextChoices):
    """Life of an approval: pending → approved | rejected | expired; approved → used."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    USED = "used"


class Approval(BaseModel):
    """Asked by `requested_by` for `query_hash`; any change of the SQL makes another hash."""

    kinds = models.JSONField(default=list)
    query_hash = models.CharField(max_length=64)
    sql = models.TextField()
    datasource_id = models.UUIDField(null=True, blank=True)
    requested_by = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.PENDING)
    estimate_id = models.UUIDField(null=True, blank=True)
    findings = models.JSONField(default=list)
    decided_by = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "approvals"
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=["state", "-created_at"], name="approval_state")]

    def __str__(self) -> str:
        return f"{self.state} {self.query_hash[:8]}"

    @property
    def needs_another_person(self) -> bool:
        """Going over the cost cap is an explicit confirmation, the requester's included; the rest takes four eyes."""
        return set(self.kinds) - {ApprovalKind.OVER_CAP.value, ApprovalKind.COMPLEXITY.value} != set()
