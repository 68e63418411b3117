"""What a workspace used, for its own page; and a line per tenant for the operators."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.tenancy.models import UsageDay, UsageMonth
from apps.tenancy.services import quota

DAYS = 62
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Used:
    """One period: its first day and what was used."""

    at: date
    bytes: int
    queries: int
    storage: int
    seats: int


@dataclass(frozen=True, slots=True)
class Usage:
    """The plan with what is left of it, recent days (oldest first) and months (newest first)."""

    state: quota.State
    days: list[Used]
    months: list[Used]


@dataclass(frozen=True, slots=True)
class TenantLine:
    """A tenant as the operators' list shows it."""

    tenant_id: UUID
    slug: str
    name: str
    status: str
    plan: str
    bytes: int
    queries: int
    storage: int
    seats: int


def usage_for(actor: Actor) -> Usage:
    """Of the actor's workspace; raises Forbidden without `settings:manage`."""
    actor.require(Scope.SETTINGS_MANAGE)
    if actor.tenant is None:
        raise NotFound("There is no such tenant.")
    columns = ("bytes", "queries", "storage", "seats")
    with tenant_context.entered(None):
        days = UsageDay.objects.filter(tenant_id=actor.tenant.id).order_by("-day").values_list("day", *columns)[:DAYS]
        months = UsageMonth.objects.filter(tenant_id=actor.tenant.id).order_by("-month")
        return Usage(
            quota.state_of(actor.tenant.id),
            [Used(*row) for row in reversed(list(days))],
            [Used(*row) for row in months.values_list("month", *columns)[:MONTHS]],
        )


def list_tenants_this_month(*, limit: int = 100, after_slug: str = "") -> list[TenantLine]:
    """For operators: all tenants by slug with their plan and this month's use; one statement, paged by slug."""
    with tenant_context.entered(None), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.id, t.slug, t.name, t.status, coalesce(s.plan, 'standard'), coalesce(m.bytes, 0),
                   coalesce(m.queries, 0), coalesce(m.storage, 0), coalesce(m.seats, 0)
              FROM tenancy_tenant t
              LEFT JOIN tenancy_subscription s ON s.tenant_id = t.id
              LEFT JOIN tenancy_usagemonth m
                     ON m.tenant_id = t.id AND m.month = date_trunc('month', %s::timestamptz)::date
             WHERE t.slug > %s ORDER BY t.slug LIMIT %s
            """,
            [clock.now(), after_slug, limit],
        )
        return [TenantLine(*row) for row in cursor.fetchall()]


def as_answer(usage: Usage) -> dict[str, Any]:
    """What the API gives."""
    kinds = ("bytes", "queries", "storage", "seats")
    state = usage.state
    return {
        "plan": state.plan,
        "limits": {kind: getattr(state.limits, kind) for kind in kinds},
        "this_month": {kind: getattr(state.used, kind) for kind in kinds},
        "days": [{"day": each.at.isoformat(), **{kind: getattr(each, kind) for kind in kinds}} for each in usage.days],
        "months": [
            {"month": each.at.isoformat(), **{kind: getattr(each, kind) for kind in kinds}} for each in usage.months
        ],
    }
