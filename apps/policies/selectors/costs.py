"""Reads of the cost ledger: entries, and what the hour and the last days took."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce, TruncDate

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.paging import Page, paginate
from apps.core.permissions import Scope
from apps.policies.contracts import BudgetState
from apps.policies.models import LedgerEntry, LedgerState
from apps.policies.services import budget, settings


@dataclass(frozen=True, slots=True)
class Day:
    """What one day (UTC) took."""

    day: date
    executions: int
    bytes: int
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """The rolling hour and the last days."""

    hour: BudgetState
    days: tuple[Day, ...]
    executions: int
    bytes: int
    usd: Decimal


def list_entries_for(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[LedgerEntry]:
    """Executions on engines billed by bytes, newest first, each with its estimate."""
    actor.require(Scope.AUDIT_READ)
    return paginate(LedgerEntry.objects.select_related("estimate"), cursor=cursor, limit=limit)


def summary_for(actor: Actor, *, days: int = 30) -> Summary:
    """Totals of the last `days` days by day, and the state of the rolling hour."""
    actor.require(Scope.AUDIT_READ)
    since = clock.now() - timedelta(days=days)
    rows = (
        LedgerEntry.objects.filter(created_at__gte=since)
        .exclude(state=LedgerState.RELEASED)
        .annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(
            executions=Count("id"), bytes=Sum(Coalesce(F("actual_bytes"), F("reserved_bytes"))), usd_sum=Sum("usd")
        )
        .order_by("day")
    )
    found = tuple(Day(row["day"], row["executions"], int(row["bytes"]), row["usd_sum"]) for row in rows)
    limits = settings.current().limits
    hour = budget.look(tenant_context.require().id, size=0, budget=limits.bytes_per_hour)
    usd = sum((day.usd for day in found), Decimal(0))
    return Summary(hour, found, sum(day.executions for day in found), sum(day.bytes for day in found), usd)
