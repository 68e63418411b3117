"""What each schema lacks against the code."""

from typing import Any

from django.conf import settings

from apps.tenancy.models import Tenant
from apps.tenancy.services.migrations import plan
from apps.tenancy.services.migrations.connections import connect


def pending(*, only: list[str] | None = None) -> dict[str, list[str]]:
    """What a run would apply, per schema; nothing is changed."""
    loader = plan.disk_loader()
    wanted = plan.relevant(settings.TENANT_LABELS, loader)
    shared = plan.relevant(settings.SHARED_LABELS, loader)
    with connect() as raw:
        tenants = [row for row in Tenant.objects.using(plan.ALIAS).all() if only is None or row.slug in only]
        lacking = {"public": _missing(loader, shared, plan.applied_in(raw.cursor(), "public"))}
        for schema, done in behind(raw, tenants, wanted).items():
            lacking[schema] = _missing(loader, wanted, done)
    return {schema: names for schema, names in lacking.items() if names}


def behind(raw: Any, tenants: list[Tenant], wanted: frozenset[plan.Key]) -> dict[str, frozenset[plan.Key]]:
    """Schemas that lack something, with what is applied there; a tenant without a schema is not one of them."""
    cursor = raw.cursor()
    cursor.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'django_migrations'")
    present = {row[0] for row in cursor.fetchall()}
    applied = plan.applied_everywhere(cursor, [t.schema_name for t in tenants if t.schema_name in present])
    return {schema: done for schema, done in applied.items() if not wanted <= done}


def _missing(loader: Any, wanted: frozenset[plan.Key], done: frozenset[plan.Key]) -> list[str]:
    keys = [plan.key_of(migration) for migration in plan.ordered(loader, wanted)]
    return [".".join(key) for key in keys if key not in done]
