"""What operators see first: tenants, health, queues, budgets, failures, migrations. From `public` summaries and Redis.

No tenant schema is entered, so the cost does not grow with what tenants hold: ten statements for any number of them.
"""

from dataclasses import dataclass
from datetime import datetime

import redis
from django.db import connection
from django.db.models import Count, Q, QuerySet

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.redis import client as redis_client
from apps.gateway.contracts import ComponentState
from apps.gateway.selectors import readiness
from apps.tenancy.models import Purge, SchemaStatus, Tenant, Wakeup
from celery_app.queues import QueueName

SHOWN = 8
STUBBORN = 3  # attempts after which a wake-up counts as failing


@dataclass(frozen=True, slots=True)
class Spender:
    """A tenant's month beside its plan: `share` of the bytes in percent, None without a limit."""

    slug: str
    plan: str
    bytes: int
    queries: int
    share: int | None


@dataclass(frozen=True, slots=True)
class Queue:
    """Messages that wait for a worker; None while Redis does not answer."""

    name: str
    waiting: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that failed and stays so until somebody looks; `path` is its list, below the admin's index."""

    what: str
    detail: str
    path: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Schemas:
    """The last migration run: schemas by state."""

    ok: int
    failed: int
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The operators' dashboard."""

    tenants: dict[str, int]
    parts: tuple[ComponentState, ...]
    queues: list[Queue]
    due: int
    overdue: int
    spenders: list[Spender]
    failures: list[Failure]
    schemas: Schemas

    @property
    def tenant_count(self) -> int:
        """All tenants, whatever their state."""
        return sum(self.tenants.values())

    @property
    def unwell(self) -> list[ComponentState]:
        """Parts that do not work now."""
        return [part for part in self.parts if not part.ok]


def overview() -> Overview:
    """Everything now. The caller is an operator; the door has checked."""
    parts = readiness.now().components
    with tenant_context.entered(None):
        now = clock.now()
        waiting = Wakeup.objects.aggregate(due=Count("id", filter=Q(due_at__lte=now)), late=Count("id", filter=_late()))
        return Overview(
            tenants=dict(Tenant.objects.values_list("status").annotate(n=Count("id")).order_by("status")),
            parts=parts,
            queues=_queues(),
            due=waiting["due"],
            overdue=waiting["late"],
            spenders=_spenders(),
            failures=[*_failed_schemas(), *_failed_purges(), *_stubborn_wakeups()],
            schemas=_schemas(),
        )


def _late() -> Q:
    return Q(due_at__lt=clock.now(), attempts__gte=STUBBORN)


def _queues() -> list[Queue]:
    names = [queue.value for queue in QueueName]
    try:
        pipeline = redis_client().pipeline(transaction=False)
        for name in names:
            pipeline.llen(name)
        depths: list[int | None] = list(pipeline.execute())
    except redis.RedisError:
        depths = [None] * len(names)
    return [Queue(name, depth) for name, depth in zip(names, depths, strict=True)]


def _spenders() -> list[Spender]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.slug, coalesce(s.plan, 'standard'), m.bytes, m.queries,
                   CASE WHEN s.bytes_limit > 0 THEN least(999, 100 * m.bytes / s.bytes_limit)::int END
              FROM tenancy_usagemonth m JOIN tenancy_tenant t ON t.id = m.tenant_id
              LEFT JOIN tenancy_subscription s ON s.tenant_id = t.id
             WHERE m.month = date_trunc('month', %s::timestamptz)::date ORDER BY m.bytes DESC, t.slug LIMIT %s
            """,
            [clock.now(), SHOWN],
        )
        return [Spender(*row) for row in cursor.fetchall()]


def _schemas() -> Schemas:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE state <> 'failed'), count(*) FILTER (WHERE state = 'failed'),"
            " max(finished_at) FROM tenancy_schemastatus"
        )
        return Schemas(*cursor.fetchone())


def _failed_schemas() -> list[Failure]:
    rows: QuerySet[SchemaStatus] = SchemaStatus.objects.filter(state="failed").order_by("-finished_at")[:SHOWN]
    return [
        Failure(f"migration of {row.schema_name}", row.error[:200], "tenancy/schemastatus/", row.finished_at)
        for row in rows
    ]


def _failed_purges() -> list[Failure]:
    rows = Purge.objects.filter(state="failed").order_by("-created_at")[:SHOWN]
    return [Failure("removal of a tenant", str(row), "tenancy/purge/", row.created_at) for row in rows]


def _stubborn_wakeups() -> list[Failure]:
    rows = Wakeup.objects.filter(_late()).order_by("due_at")[:SHOWN]
    return [Failure(f"{row.kind}", f"tried {row.attempts} times", "tenancy/wakeup/", row.due_at) for row in rows]
