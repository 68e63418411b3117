"""Billing: the plan of a tenant and what it used, by day and by month. In `public`, written by the rollup alone."""

from typing import ClassVar

from django.db import models

from apps.core.models import BaseModel
from apps.tenancy.models.tenants import Tenant


class Subscription(BaseModel):
    """The plan of a tenant, with limits of its own where they differ (null: as the plan has it)."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="subscription")
    plan = models.CharField(max_length=20)
    bytes_limit = models.BigIntegerField(null=True, blank=True)
    queries_limit = models.BigIntegerField(null=True, blank=True)
    storage_limit = models.BigIntegerField(null=True, blank=True)
    seats_limit = models.IntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.plan}"


class Used(BaseModel):
    """What was used in a period: sums of bytes and queries, the peak of storage and seats."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    bytes = models.BigIntegerField(default=0)
    queries = models.BigIntegerField(default=0)
    storage = models.BigIntegerField(default=0)
    seats = models.IntegerField(default=0)

    class Meta:
        abstract = True


class UsageDay(Used):
    """One day of a tenant, in UTC."""

    day = models.DateField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "day"], name="tenancy_usage_of_a_day")]


class UsageMonth(Used):
    """One month of a tenant (`month` is its first day); what a bill is made of."""

    month = models.DateField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "month"], name="tenancy_usage_of_a_month")]
