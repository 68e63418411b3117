"""What allows real execution: passed self-checks of the policy gate, and passed cut-over smokes. Written by the owner
alone (manage.py with POSTGRES_ADMIN_DSN); the runtime role and tenants may only look.
"""

from django.db import models

from apps.core.models import BaseModel


class GateCheck(BaseModel):
    """One run of a check; the newest one of its kind, version and connector counts."""

    SELFCHECK = "selfcheck"
    CUTOVER = "cutover"

    kind = models.CharField(max_length=16, choices=[(SELFCHECK, SELFCHECK), (CUTOVER, CUTOVER)])
    code_version = models.CharField(max_length=64)
    connector = models.CharField(max_length=32, blank=True, default="")
    tenant_slug = models.CharField(max_length=40, blank=True, default="")
    passed = models.BooleanField()
    details = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["kind", "connector", "-created_at"], name="gate_check_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code_version[:12]} {'PASS' if self.passed else 'FAIL'}"
