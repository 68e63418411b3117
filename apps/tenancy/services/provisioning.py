"""Making and unmaking tenants: all or nothing, and a second run finishes or removes what a kill left behind.

Order: the row (status `provisioning`, committed first, so that nothing half-made is ever without its record), then
role, schema, tables and rights in one transaction, then the registered steps of the upper apps, then `active`.
A failure sets `failed` first, then removes; so `sweep` knows which rows to finish and which to take away.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from psycopg import sql

from apps.core import clock
from apps.core.db import roles
from apps.core.errors import Conflict, InvalidInput
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.tenancy import registry
from apps.tenancy.engine import names
from apps.tenancy.enums import PurgeState, TenantStatus
from apps.tenancy.models import Purge, SlugAlias, Tenant
from apps.tenancy.services import grants, installation, script
from apps.tenancy.services.migrations import runner
from apps.tenancy.services.migrations.connections import connect, patient
from apps.tenancy.services.purges import stores

log = structlog.get_logger(__name__)
ADMIN: Final = "admin"
WAIT_FOR_SLUG: Final = "60s"


@dataclass(frozen=True, slots=True)
class Swept:
    """What `sweep` did about one half-made tenant: finished, removed, busy (somebody is at it) or failed."""

    slug: str
    outcome: str
    error: str = ""


def provision(slug: str, name: str, *, timezone: str = "UTC", is_demo: bool = False) -> TenantRef:
    """Make the tenant `slug` (or finish one that was left half-made); raises InvalidInput or Conflict.

    Needs POSTGRES_ADMIN_DSN. On any failure everything made is removed again, and the error is raised.
    """
    name = names.clean_name(name)
    if problem := names.slug_problem(slug):
        raise InvalidInput(problem, code="BAD_SLUG")
    if problem := names.name_problem(name):
        raise InvalidInput(problem, code="BAD_NAME")
    with _held(slug, wait=True) as raw:
        tenant = _row(slug, name, timezone, is_demo)
        _complete(raw, tenant.ref)
    return tenant.ref


def remove(tenant_id: UUID) -> None:
    """Remove a tenant and everything that provisioning made for it; safe to repeat after a kill."""
    tenant = _rows().get(id=tenant_id)
    _rows().filter(id=tenant_id).update(status=TenantStatus.PURGING)
    _take_away(tenant.ref)


def sweep() -> list[Swept]:
    """Finish what a kill left in the making, remove what it left in the removing; a purge has its own worker."""
    under_way = Purge.objects.using(ADMIN).exclude(state=PurgeState.DONE).values("tenant_id")
    states = (TenantStatus.PROVISIONING, TenantStatus.FAILED, TenantStatus.PURGING)
    return [_sweep_one(row) for row in _rows().filter(status__in=states).exclude(id__in=under_way)]


def _sweep_one(row: Tenant) -> Swept:
    try:
        with _held(row.slug, wait=False) as raw:
            now = _rows().filter(id=row.id).first()
            if now is None or now.status == TenantStatus.ACTIVE:
                return Swept(row.slug, "busy")
            if now.status == TenantStatus.PROVISIONING:
                _complete(raw, now.ref)
                return Swept(row.slug, "finished")
            _take_away(now.ref)
            return Swept(row.slug, "removed")
    except _BusyError:
        return Swept(row.slug, "busy")
    except Exception as error:
        log.exception("tenant_not_swept", slug=row.slug)
        return Swept(row.slug, "failed", f"{type(error).__name__}: {error}"[:300])


class _BusyError(Exception):
    """Another process is making or removing this tenant."""


@contextmanager
def _held(slug: str, *, wait: bool) -> Iterator[Any]:
    """The owner's connection, holding the slug alone, and the template still: no migration runs meanwhile."""
    with connect() as raw:
        key = [slug]
        if wait:
            busy = Conflict(f"“{slug}” is being made, or migrations run; try again.", code="TENANT_BUSY")
            with patient(raw, WAIT_FOR_SLUG, busy):
                raw.execute("SELECT pg_advisory_lock(hashtext('atom.provision'), hashtext(%s))", key)
                runner.hold_schemas(raw)
        else:
            got = raw.execute("SELECT pg_try_advisory_lock(hashtext('atom.provision'), hashtext(%s))", key).fetchone()
            if not got or not got[0]:
                raise _BusyError
            runner.hold_schemas(raw)
        yield raw


def _row(slug: str, name: str, timezone: str, is_demo: bool) -> Tenant:
    existing = _rows().filter(slug=slug).first()
    if existing is not None:
        if existing.status == TenantStatus.PROVISIONING:
            return existing
        if existing.status != TenantStatus.FAILED:
            raise Conflict(f"There is a tenant “{slug}” already.", code="TENANT_EXISTS")
        _take_away(existing.ref)
    if SlugAlias.objects.using(ADMIN).filter(slug=slug, expires_at__gt=clock.now()).exists():
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


def _rows() -> QuerySet[Tenant]:
    rows: QuerySet[Tenant] = Tenant.objects.using(ADMIN)
    return rows


def _complete(raw: Any, tenant: TenantRef) -> None:
    try:
        _make(raw, tenant)
    except Exception:
        _rows().filter(id=tenant.id).update(status=TenantStatus.FAILED)
        _take_away(tenant)
        raise
    _rows().filter(id=tenant.id).update(status=TenantStatus.ACTIVE, status_since=clock.now())


def _take_away(tenant: TenantRef) -> None:
    unmake(tenant)
    stores.remove_all(tenant)
    _rows().filter(id=tenant.id).delete()


def _make(raw: Any, tenant: TenantRef) -> None:
    notes: dict[str, Any] = {}
    steps = registry.provisioning_steps()
    cursor = raw.cursor()
    with ThreadPoolExecutor(max_workers=4) as beside:
        prepared = [beside.submit(_prepare, tenant, step, notes) for step in steps if step.prepare]
        try:
            _ensure_schema(raw, tenant)
        finally:
            wait(prepared)  # also on failure: nothing may still be made while it is undone
    for part in prepared:
        part.result()
    context = registry.ProvisioningContext(tenant, cursor, notes)
    for step in steps:
        import_string(step.do)(context)


def _ensure_schema(raw: Any, tenant: TenantRef) -> None:
    """The schema as of today: made whole in one transaction, or one that an earlier run made, brought up to date."""
    cursor = raw.cursor()
    cursor.execute("SELECT to_regnamespace(%s)", [tenant.schema_name])
    if cursor.fetchone() != (None,):
        runner.catch_up(tenant.slug)
        return
    ddl = script.load(raw).replace(runner.TEMPLATE, tenant.schema_name)
    with raw.transaction():
        _make_schema(cursor, tenant, ddl)


def _prepare(tenant: TenantRef, step: registry.ProvisioningStep, notes: dict[str, Any]) -> None:
    with connect() as raw:
        import_string(step.prepare)(registry.ProvisioningContext(tenant, raw.cursor(), notes))


def _make_schema(cursor: Any, tenant: TenantRef, ddl: str) -> None:
    names = {
        "schema": sql.Identifier(tenant.schema_name),
        "role": sql.Identifier(tenant.role_name),
        "app": sql.Identifier(roles.app_role()),
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


def unmake(tenant: TenantRef) -> None:
    """Undo everything, also when half made; every part is removed even when another fails, then the first error."""
    failures: list[Exception] = []
    with connect() as raw:
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
        # The owner's own tables: a later tenant of the same slug must not inherit a passed cut-over.
        cursor.execute("DELETE FROM public.tenancy_schemastatus WHERE schema_name = %s", [tenant.schema_name])
        cursor.execute("DELETE FROM public.tenancy_gatecheck WHERE tenant_slug = %s", [tenant.slug])
    if failures:
        raise failures[0]
