"""One tenant's policy: every cap and switch of the gate, typed, with the product's defaults; and its history."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models

from apps.core.models import BaseModel
from apps.policies.engine.limits import GIGABYTE, Limits


class PolicySettings(BaseModel):
    """A single row per tenant schema; `version` grows with every change and is part of decision cache keys."""

    version = models.PositiveIntegerField(default=1)
    row_limit = models.PositiveIntegerField(default=10_000, validators=[MinValueValidator(1)])
    join_depth = models.PositiveSmallIntegerField(default=5)
    subquery_nesting = models.PositiveSmallIntegerField(default=3)
    bytes_per_query = models.BigIntegerField(default=10 * GIGABYTE)
    bytes_with_approval = models.BigIntegerField(default=100 * GIGABYTE)
    bytes_per_hour = models.BigIntegerField(default=200 * GIGABYTE)
    timeout_ms = models.PositiveIntegerField(default=120_000)
    usd_per_terabyte = models.DecimalField(max_digits=8, decimal_places=4, default=Decimal(5))
    time_filter_rows = models.BigIntegerField(default=1_000_000)
    hard_caps = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    prompts_per_minute = models.PositiveIntegerField(default=20)
    requests_per_minute_user = models.PositiveIntegerField(default=600)
    requests_per_minute_tenant = models.PositiveIntegerField(default=3_000)
    concurrent_executions = models.PositiveSmallIntegerField(default=10)
    approval_hours = models.PositiveSmallIntegerField(default=24)
    pii_clear_needs_approval = models.BooleanField(default=False)
    singleton = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        db_table = "policy_settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(singleton=True), name="policy_settings_one_row"),
            models.CheckConstraint(
                condition=models.Q(bytes_with_approval__lte=100 * GIGABYTE), name="policy_settings_absolute_cap"
            ),
        ]

    def __str__(self) -> str:
        return f"policy v{self.version}"

    def limits(self) -> Limits:
        """The caps as the value that the engine measures against."""
        return Limits(
            row_limit=self.row_limit,
            join_depth=self.join_depth,
            subquery_nesting=self.subquery_nesting,
            bytes_per_query=self.bytes_per_query,
            bytes_with_approval=self.bytes_with_approval,
            bytes_per_hour=self.bytes_per_hour,
            timeout_ms=self.timeout_ms,
            usd_per_terabyte=self.usd_per_terabyte,
            time_filter_rows=self.time_filter_rows,
            hard=frozenset(self.hard_caps),
        )


class PolicyVersion(BaseModel):
    """The settings as they were after one change: who made it, what it changed, and all values to go back to."""

    version = models.PositiveIntegerField(unique=True)
    values = models.JSONField()
    changes = models.JSONField(default=dict)
    actor_id = models.UUIDField(null=True, blank=True)
    actor_label = models.CharField(max_length=254, blank=True, default="")
    restored_from = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        db_table = "policy_versions"
        ordering = ("-version",)

    def __str__(self) -> str:
        return f"policy v{self.version}"
