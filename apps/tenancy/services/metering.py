"""Usage by day and month, rolled up hourly by a wake-up: never counted in a request, the same however often it runs.

Sums come in one statement each from what is kept anyway (audit trail, cost ledger); levels are measured as they are.
"""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max, Min
from django.utils.module_loading import import_string

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.tenant import TenantRef
from apps.tenancy import registry
from apps.tenancy.models import Membership, UsageDay
from apps.tenancy.services import quota, wakeups
from apps.tenancy.services.migrations.connections import connect
from atom_project.config import config

KIND: Final = "tenancy.usage"
EVERY: Final = timedelta(hours=1)
_UTC: Final = ZoneInfo("UTC")
_DECIDED: Final = "security_gate_decision"


def roll_up(_ref: str, tenant: TenantRef) -> None:
    """Wake-up handler; the tenant is entered. Days that are over are counted once more the day after, then left."""
    wakeups.schedule(KIND, clock.now() + EVERY)
    today = clock.now().astimezone(_UTC).date()
    since = _since(tenant, today)
    queries, read = queries_by_day(since), _bytes_by_day(since)
    storage = _storage(tenant)
    days = {since + timedelta(days=offset) for offset in range((today - since).days + 1)}
    rows = [(day, read.get(day, 0), queries.get(day, 0), storage if day == today else 0) for day in sorted(days)]
    with tenant_context.entered(None):
        seats = Membership.objects.filter(tenant_id=tenant.id, is_active=True).count()
        _write_days(tenant, [(*row, seats if row[0] == today else 0) for row in rows])
        _write_months(tenant, since)
    quota.forget(tenant.id)


def queries_by_day(since: date) -> dict[date, int]:
    """Statements that ran to their end, by day in UTC."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (at AT TIME ZONE 'UTC')::date, count(*) FROM audit_entry"
            " WHERE action = %s AND outcome = 'executed' AND at >= %s GROUP BY 1",
            [_DECIDED, datetime.combine(since, time(), _UTC)],
        )
        return dict(cursor.fetchall())


def _bytes_by_day(since: date) -> dict[date, int]:
    found: dict[date, int] = {}
    for meter in registry.meters():
        if meter.by_day:
            for day, amount in import_string(meter.by_day)(since).items():
                found[day] = found.get(day, 0) + int(amount)
    return found


def _since(tenant: TenantRef, today: date) -> date:
    with tenant_context.entered(None):
        counted = UsageDay.objects.filter(tenant_id=tenant.id).aggregate(first=Min("day"), last=Max("day"))
    first: date | None = counted["first"]
    last: date | None = counted["last"]
    if first is None or last is None:
        return today.replace(day=1)
    # The day before the last once more, but none before the first: that would be a month in which nothing was.
    return min(max(first, last - timedelta(days=1)), today)


def _storage(tenant: TenantRef) -> int:
    held = sum(int(import_string(meter.level)(tenant)) for meter in registry.meters() if meter.level)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class"
            " WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'",
            [f'"{tenant.schema_name}"'],
        )
        return held + int(cursor.fetchone()[0]) + _databases(tenant)


def _databases(tenant: TenantRef) -> int:
    """The studio database; its size is for its owner to ask, so without the owner's address it counts as nothing."""
    if not config.postgres_admin_dsn.get_secret_value():
        return 0
    with connect() as raw:
        query = "SELECT coalesce(sum(pg_database_size(oid)), 0) FROM pg_database WHERE datname LIKE %s"
        row = raw.execute(query, [f"%{tenant.id.hex}%"]).fetchone()
    return int(row[0]) if row else 0


def _write_days(tenant: TenantRef, rows: list[tuple[date, int, int, int, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tenancy_usageday (id, created_at, updated_at, tenant_id, day, bytes, queries, storage, seats)
            SELECT gen_random_uuid(), now(), now(), %s, * FROM unnest(%s::date[], %s::bigint[], %s::bigint[],
                                                                      %s::bigint[], %s::int[])
            ON CONFLICT (tenant_id, day) DO UPDATE SET bytes = excluded.bytes, queries = excluded.queries,
                storage = greatest(tenancy_usageday.storage, excluded.storage),
                seats = greatest(tenancy_usageday.seats, excluded.seats), updated_at = now()
            """,
            [tenant.id, *(list(column) for column in zip(*rows, strict=True))],
        )


def _write_months(tenant: TenantRef, since: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tenancy_usagemonth
                   (id, created_at, updated_at, tenant_id, month, bytes, queries, storage, seats)
            SELECT gen_random_uuid(), now(), now(), tenant_id, date_trunc('month', day)::date, sum(bytes), sum(queries),
                   max(storage), max(seats)
              FROM tenancy_usageday WHERE tenant_id = %s AND day >= date_trunc('month', %s::date) GROUP BY tenant_id, 5
            ON CONFLICT (tenant_id, month) DO UPDATE SET bytes = excluded.bytes, queries = excluded.queries,
                storage = excluded.storage, seats = excluded.seats, updated_at = now()
            """,
            [tenant.id, since],
        )
