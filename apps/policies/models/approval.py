"""A question to a person: may this be done? Bound to the hash of what was shown, and to a time."""

from typing import ClassVar

from django.db import models

from apps.core import clock
from apps.core.models import BaseModel
from apps.policies.enums import ALONE, REUSABLE, Purpose


class ApprovalState(models.TextChoices):
    """Life of an approval; the ways from one to the next are in `engine/approval_states.py`."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    USED = "used"


class Approval(BaseModel):
    """Asked by `requested_by` for `query_hash`: the sha256 of the statement, or of the canonical bytes of `shown`."""

    kinds = models.JSONField(default=list)
    subject_type = models.CharField(max_length=40, default="query")
    subject_id = models.CharField(max_length=120, blank=True, default="")
    title = models.CharField(max_length=200, blank=True, default="")
    href = models.CharField(max_length=300, blank=True, default="")
    query_hash = models.CharField(max_length=64)
    sql = models.TextField()
    purpose = models.CharField(max_length=16, blank=True, default="")
    shown = models.JSONField(default=dict)
    datasource_id = models.UUIDField(null=True, blank=True)
    artifact_ref = models.CharField(max_length=200, blank=True, default="")
    requested_by = models.UUIDField(null=True, blank=True)
    requester = models.CharField(max_length=254, blank=True, default="")
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.PENDING)
    estimate_id = models.UUIDField(null=True, blank=True)
    estimated_bytes = models.BigIntegerField(null=True, blank=True)
    findings = models.JSONField(default=list)
    decided_by = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField()
    used_ref = models.CharField(max_length=80, blank=True, default="")
    binding = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        db_table = "approvals"
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(fields=["state", "-created_at"], name="approval_state"),
            models.Index(fields=["requested_by", "-created_at"], name="approval_requester"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["binding"],
                condition=models.Q(state="pending") & ~models.Q(binding=""),
                name="approval_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.query_hash[:8]}"

    @property
    def needs_another_person(self) -> bool:
        """Going over the cost cap is an explicit confirmation, the requester's included; the rest takes four eyes."""
        return set(self.kinds) - {kind.value for kind in ALONE} != set()

    @property
    def is_single_use(self) -> bool:
        """Whether one run takes the approval with it."""
        return set(self.kinds) - {kind.value for kind in REUSABLE} != set()

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state == ApprovalState.PENDING and self.expires_at > clock.now()

    @property
    def is_good(self) -> bool:
        """Whether it says yes now."""
        return self.state == ApprovalState.APPROVED and self.expires_at > clock.now()

    @property
    def is_query(self) -> bool:
        """Whether what was asked is one statement, which the requester can run from here."""
        return self.subject_type == "query" and self.purpose in ("", Purpose.READ.value)


class ApprovalEvent(BaseModel):
    """One step in the life of an approval: the timeline."""

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="events")
    actor_id = models.UUIDField(null=True, blank=True)
    actor_label = models.CharField(max_length=254, blank=True, default="")
    before = models.CharField(max_length=10, blank=True, default="")
    after = models.CharField(max_length=10)
    comment = models.TextField(blank=True, default="")
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "approval_events"
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
