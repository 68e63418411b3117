"""Making and unmaking tenants: all or nothing, and a second run finishes or removes what a kill left behind.

Order: the row (status `provisioning`, committed first, so that nothing half-made is ever without its record), then
role, schema, tables and rights in one transaction, then the registered steps of the upper apps, then `active`.
"""

import re
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any
from uuid import UUID

import structlog
from django.utils.module_loading import import_string
from psycopg import sql

from apps.core.errors import Conflict, InvalidInput
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.tenancy import registry
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import Tenant
from apps.tenancy.services import grants, installation, script
from apps.tenancy.services.migrations import runner

log = structlog.get_logger(__name__)
ADMIN = "admin"
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")
RESERVED = frozenset(
    [
        "admin",
        "api",
        "auth",
        "static",
        "media",
        "login",
        "logout",
        "health",
        "ready",
        "metrics",
        "graphql",
        "ws",
        "t",
        "www",
        "public",
    ]
)


def provision(slug: str, name: str, *, timezone: str = "UTC", is_demo: bool = False) -> TenantRef:
    """Make the tenant `slug` (or finish one that was left half-made); raises InvalidInput or Conflict.

    Needs POSTGRES_ADMIN_DSN. On any failure everything made is removed again, and the error is raised.
    """
    _check_slug(slug)
    tenant = _row(slug, name, timezone, is_demo)
    try:
        _make(tenant.ref)
    except Exception:
        _unmake(tenant.ref)
        Tenant.objects.using(ADMIN).filter(id=tenant.id).delete()
        raise
    Tenant.objects.using(ADMIN).filter(id=tenant.id).update(status=TenantStatus.ACTIVE)
    return tenant.ref


def remove(tenant_id: UUID) -> None:
    """Remove a tenant and everything that provisioning made for it; safe to repeat after a kill."""
    tenant = Tenant.objects.using(ADMIN).get(id=tenant_id)
    Tenant.objects.using(ADMIN).filter(id=tenant_id).update(status=TenantStatus.PURGING)
    _unmake(tenant.ref)
    Tenant.objects.using(ADMIN).filter(id=tenant_id).delete()


def _check_slug(slug: str) -> None:
    if not _SLUG.match(slug):
        raise InvalidInput("A slug is 1 to 40 of a–z, 0–9 and “-”, and neither starts nor ends with “-”.")
    if slug in RESERVED:
        raise InvalidInput(f"“{slug}” is reserved; choose another slug.")


def _row(slug: str, name: str, timezone: str, is_demo: bool) -> Tenant:
    existing = Tenant.objects.using(ADMIN).filter(slug=slug).first()
    if existing is not None:
        if existing.status == TenantStatus.PROVISIONING:
            return existing
        raise Conflict(f"There is a tenant “{slug}” already.", code="TENANT_EXISTS")
    tenant_id = new_id()
    tenant = Tenant(
        id=tenant_id,
        slug=slug,
        name=name,
        schema_name=f"tenant_{tenant_id.hex}",
        role_name=installation.tenant_role_name(tenant_id.hex),
        timezone=timezone,
        is_demo=is_demo,
    )
    tenant.save(using=ADMIN)
    return tenant


def _make(tenant: TenantRef) -> None:
    notes: dict[str, Any] = {}
    steps = registry.provisioning_steps()
    with runner.connect() as raw, ThreadPoolExecutor(max_workers=4) as beside:
        cursor = raw.cursor()
        prepared = [beside.submit(_prepare, tenant, step, notes) for step in steps if step.prepare]
        try:
            ddl = script.load(raw).replace(runner.TEMPLATE, tenant.schema_name)
            with raw.transaction():
                cursor.execute("SELECT to_regnamespace(%s)", [tenant.schema_name])
                if cursor.fetchone() == (None,):
                    _make_schema(cursor, tenant, ddl)
        finally:
            wait(prepared)  # also on failure: nothing may still be made while it is undone
        for part in prepared:
            part.result()
        context = registry.ProvisioningContext(tenant, cursor, notes)
        for step in steps:
            import_string(step.do)(context)


def _prepare(tenant: TenantRef, step: registry.ProvisioningStep, notes: dict[str, Any]) -> None:
    with runner.connect() as raw:
        import_string(step.prepare)(registry.ProvisioningContext(tenant, raw.cursor(), notes))


def _make_schema(cursor: Any, tenant: TenantRef, ddl: str) -> None:
    names = {
        "schema": sql.Identifier(tenant.schema_name),
        "role": sql.Identifier(tenant.role_name),
        "app": sql.Identifier(installation.app_role()),
        "tenants": sql.Identifier(installation.tenants_role()),
    }
    head = sql.SQL(
        "CREATE ROLE {role} NOLOGIN INHERIT;"
        "GRANT {tenants} TO {role} WITH INHERIT TRUE, SET FALSE;"
        "GRANT {role} TO {app} WITH INHERIT FALSE, SET TRUE;"
        "CREATE SCHEMA {schema};"
        "SET LOCAL check_function_bodies = off;"
    ).format(**names)
    # One text, one round trip; the simple protocol runs it as it stands.
    cursor.execute(head.as_string(cursor) + ddl, prepare=False)
    grants.apply_tenant(cursor, tenant.schema_name, tenant.role_name)


def _unmake(tenant: TenantRef) -> None:
    """Undo everything, also when half made; every part is removed even when another fails, then the first error."""
    failures: list[Exception] = []
    with runner.connect() as raw:
        cursor = raw.cursor()
        context = registry.ProvisioningContext(tenant, cursor)
        for step in reversed(registry.provisioning_steps()):
            try:
                import_string(step.undo)(context)
            except Exception as error:
                log.exception("provisioning_undo_failed", step=step.name, tenant=str(tenant.id))
                failures.append(error)
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(tenant.schema_name)))
        cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(tenant.role_name)))
        cursor.execute("DELETE FROM public.tenancy_wakeup WHERE tenant_id = %s", [tenant.id])
    if failures:
        raise failures[0]
