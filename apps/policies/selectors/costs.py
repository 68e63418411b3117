"""Reads of the cost ledger: entries, what the hour and a period took, and by whom. Sums are made in the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDay, TruncHour

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.paging import Page, paginate
from apps.core.permissions import Scope
from apps.policies.contracts import BudgetState
from apps.policies.models import LedgerEntry, LedgerState
from apps.policies.services import budget, settings

PERIODS: Final = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
_BYTES: Final = Coalesce(F("actual_bytes"), F("reserved_bytes"))
_TOP: Final = 10
_EXPORTED: Final = 50_000


@dataclass(frozen=True, slots=True)
class CostFilter:
    """What to look at; empty fields do not narrow. `period` is one of PERIODS; `since` and `until` override it."""

    period: str = "30d"
    since: datetime | None = None
    until: datetime | None = None
    datasource_id: UUID | None = None
    actor_id: UUID | None = None
    artifact: str = ""
    state: str = ""
    query_hash: str = ""
    estimate_id: UUID | None = None

    @property
    def days(self) -> int:
        """Length of the period."""
        return PERIODS.get(self.period, 30)

    def start(self) -> datetime:
        """Where it begins."""
        return self.since or clock.now() - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What one day or hour (of the workspace's zone) took."""

    at: datetime
    executions: int
    estimated: int
    bytes: int
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """What one person, datasource, artifact or statement took."""

    key: str
    executions: int
    bytes: int
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """The rolling hour and the period. `drift` is billed over estimated bytes of what was settled; None without any."""

    hour: BudgetState
    by: str
    buckets: tuple[Bucket, ...]
    executions: int
    estimated: int
    bytes: int
    usd: Decimal
    drift: float | None
    lost: int


def list_entries_for(
    actor: Actor, search: CostFilter = CostFilter(), *, cursor: str | None = None, limit: int = 50
) -> Page[LedgerEntry]:
    """Executions on engines billed by bytes, newest first, each with its estimate."""
    return paginate(_rows(actor, search).select_related("estimate"), cursor=cursor, limit=limit)


def export_entries_for(actor: Actor, search: CostFilter) -> Iterator[LedgerEntry]:
    """All entries of the filter for a file, newest first; at most fifty thousand."""
    return _rows(actor, search).select_related("estimate").order_by("-created_at", "-id")[:_EXPORTED].iterator()


def hour_for(actor: Actor) -> BudgetState:
    """The rolling hour as it is now; anybody who runs queries may know what is left."""
    actor.require(Scope.QUERIES_RUN)
    limit = settings.current().limits.bytes_per_hour
    return budget.look(tenant_context.require().id, size=0, budget=limit)


def summary_for(actor: Actor, search: CostFilter = CostFilter(), *, by: str = "") -> Summary:
    """Totals of the period by day or hour, and the state of the rolling hour. Released entries cost nothing."""
    step = by if by in ("day", "hour") else ("hour" if search.days <= 2 and search.since is None else "day")
    rows = _rows(actor, search)
    buckets = tuple(_buckets(rows.exclude(state=LedgerState.RELEASED), step))
    settled = rows.filter(state=LedgerState.SETTLED, cache_hit=False).aggregate(
        estimated=Sum("reserved_bytes"), actual=Sum("actual_bytes")
    )
    drift = float(settled["actual"] or 0) / float(settled["estimated"]) if settled["estimated"] else None
    return Summary(
        hour_for(actor), step, buckets,
        executions=sum(each.executions for each in buckets),
        estimated=sum(each.estimated for each in buckets),
        bytes=sum(each.bytes for each in buckets),
        usd=sum((each.usd for each in buckets), Decimal(0)),
        drift=drift,
        lost=LedgerEntry.objects.filter(state=LedgerState.LOST).count(),
    )  # fmt: skip


def shares_for(actor: Actor, search: CostFilter, dimension: str) -> Sequence[Share]:
    """The ten that took most, by `actor_id`, `datasource_id`, `artifact_ref` or `query_hash`."""
    if dimension not in ("actor_id", "datasource_id", "artifact_ref", "query_hash"):
        raise ValueError(dimension)
    rows = (
        _rows(actor, search)
        .exclude(state=LedgerState.RELEASED)
        .values(dimension)
        .annotate(executions=Count("id"), taken=Sum(_BYTES), cost=Sum("usd"))
        .order_by("-taken", dimension)[:_TOP]
    )
    return [Share(str(row[dimension] or ""), row["executions"], int(row["taken"]), row["cost"]) for row in rows]


def _rows(actor: Actor, search: CostFilter) -> QuerySet[LedgerEntry]:
    actor.require(Scope.AUDIT_READ)
    wanted: dict[str, Any] = {
        "datasource_id": search.datasource_id,
        "actor_id": search.actor_id,
        "artifact_ref__startswith": search.artifact,
        "state": search.state if search.state in LedgerState.values else "",
        "query_hash__startswith": search.query_hash,
        "estimate_id": search.estimate_id,
    }
    rows = LedgerEntry.objects.filter(**{name: value for name, value in wanted.items() if value})
    if search.estimate_id is None:
        rows = rows.filter(created_at__gte=search.start())
    return rows.filter(created_at__lt=search.until) if search.until else rows


def _buckets(rows: QuerySet[LedgerEntry], step: str) -> Iterator[Bucket]:
    zone = ZoneInfo(tenant_context.require().timezone)
    trunc = TruncHour("created_at", tzinfo=zone) if step == "hour" else TruncDay("created_at", tzinfo=zone)
    found = (
        rows.annotate(at=trunc)
        .values("at")
        .annotate(executions=Count("id"), estimated=Sum("reserved_bytes"), taken=Sum(_BYTES), cost=Sum("usd"))
        .order_by("at")
    )
    for row in found:
        yield Bucket(row["at"], row["executions"], int(row["estimated"]), int(row["taken"]), row["cost"])
