"""`--to app migration`: take schemas forwards or backwards to one migration, by Django's own executor."""

import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from apps.core.errors import InvalidInput
from apps.tenancy.models import Tenant
from apps.tenancy.services import grants
from apps.tenancy.services.migrations import plan, runner, status
from apps.tenancy.services.migrations.connections import connect
from apps.tenancy.services.migrations.status import SchemaResult

ZERO = "zero"


def move_to(
    app: str, name: str, *, only: list[str] | None = None, jobs: int = 4, wait: bool = True
) -> list[SchemaResult]:
    """Take the template and every tenant (or, with `only`, just those) to `app` at `name` (or its start, or `zero`).

    Raises InvalidInput for a target that does not exist. One failing schema does not stop the others; each migration
    is a transaction with its record, so a killed run goes on where it was.
    """
    target = _target(app, name)
    with connect() as raw:
        runner.lock_run(raw, wait=wait)
        rows = [row for row in Tenant.objects.using(plan.ALIAS).all() if only is None or row.slug in only]
        schemas = [(row.schema_name, row.role_name) for row in rows]
        if only is None:
            schemas.insert(0, (status.TEMPLATE, ""))
        with ThreadPoolExecutor(max_workers=max(1, min(jobs, len(schemas)))) as pool:
            results = list(pool.map(lambda each: _move(each[0], each[1], target), schemas))
    status.keep(results)
    return results


def _target(app: str, name: str) -> tuple[str, str | None]:
    loader = plan.disk_loader()
    known = [key for key in loader.disk_migrations if key[0] == app]
    if not known:
        raise InvalidInput(f"There is no app “{app}” with migrations.")
    if name == ZERO:
        return (app, None)
    found = [key for key in known if key[1] == name] or [key for key in known if key[1].startswith(name)]
    if len(found) != 1:
        raise InvalidInput(
            f"“{name}” names {len(found)} migrations of {app}: {', '.join(sorted(k[1] for k in known))}."
        )
    return found[0]


def _move(schema: str, role: str, target: tuple[str, str | None]) -> SchemaResult:
    started = time.perf_counter()
    try:
        changed = _run(schema, target)
        if role:
            with connect() as raw:
                grants.ensure_tenant(raw.cursor(), schema, role)
    except Exception as error:  # noqa: BLE001 - a process edge: one schema's failure must not stop the others
        return SchemaResult(schema, "failed", (), runner.sentence(error), runner.milliseconds(started))
    finally:
        connections[plan.ALIAS].close()
    return SchemaResult(schema, "moved" if changed else "current", changed, "", runner.milliseconds(started))


def _run(schema: str, target: tuple[str, str | None]) -> tuple[str, ...]:
    connection = plan.admin_connection()
    connection.set_schema(schema)
    try:
        executor = MigrationExecutor(connection)
        steps = executor.migration_plan([target])
        executor.migrate([target], plan=steps)
    finally:
        connection.set_schema_to_public()
    return tuple(("-" if backwards else "") + f"{m.app_label}.{m.name}" for m, backwards in steps)
