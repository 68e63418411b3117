"""A run over many schemas: one bad among fifty, a kill and the resume, two at once, forwards and backwards, drift."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import errors, sql

from apps.core.errors import Conflict, InvalidInput
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import SchemaStatus, Tenant
from apps.tenancy.services import installation
from apps.tenancy.services.migrations import apart, moving, plan, runner, status
from tests.support import cast, killed

APP = "gateway"


@contextmanager
def _flock(count: int) -> Iterator[list[Tenant]]:
    """Tenants that lack the migrations of one app, whose schemas hold nothing but the record of the rest."""
    rows = [_light_tenant() for _ in range(count)]
    try:
        yield rows
    finally:
        with runner.connect() as raw:
            for row in rows:
                raw.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(row.schema_name)))
                raw.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(row.role_name)))
        Tenant.objects.using("admin").filter(id__in=[row.id for row in rows]).delete()
        SchemaStatus.objects.using("admin").filter(schema_name__in=[row.schema_name for row in rows]).delete()


def _light_tenant() -> Tenant:
    tenant_id = new_id()
    row = Tenant(
        id=tenant_id, slug=f"many-{tenant_id.hex[-12:]}", name="Many", schema_name=f"tenant_{tenant_id.hex}",
        role_name=installation.tenant_role_name(tenant_id.hex), status=TenantStatus.ACTIVE,
    )  # fmt: skip
    with runner.connect() as raw:
        raw.execute(
            sql.SQL(
                "CREATE ROLE {role} NOLOGIN; CREATE SCHEMA {schema};"
                "CREATE TABLE {schema}.django_migrations (LIKE {template}.django_migrations INCLUDING ALL);"
                "INSERT INTO {schema}.django_migrations (app, name, applied)"
                " SELECT app, name, applied FROM {template}.django_migrations WHERE app <> {app}"
            ).format(
                role=sql.Identifier(row.role_name), schema=sql.Identifier(row.schema_name),
                template=sql.Identifier(runner.TEMPLATE), app=sql.Literal(APP),
            ),
            prepare=False,
        )  # fmt: skip
    row.save(using="admin")
    return row


def _tables(schema: str) -> set[str]:
    with runner.connect() as raw:
        return {row[0] for row in raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])}


def _app_tables() -> set[str]:
    from django.apps import apps  # noqa: PLC0415 - needs Django set up

    return {model._meta.db_table for model in apps.get_app_config(APP).get_models()}


def test_one_bad_tenant_among_fifty_does_not_stop_the_others() -> None:
    table = min(_app_tables())
    with _flock(50) as rows:
        bad = rows[17]
        with runner.connect() as raw:
            raw.execute(sql.SQL("CREATE TABLE {} (id int)").format(sql.Identifier(bad.schema_name, table)))
        slugs = [row.slug for row in rows]
        found = {result.schema: result for result in runner.migrate_tenants(only=slugs)}
        assert found[bad.schema_name].state == "failed"
        assert "already exists" in found[bad.schema_name].error
        assert {(found[row.schema_name].state, found[row.schema_name].error) for row in rows if row is not bad} == {
            ("ok", "")
        }
        assert SchemaStatus.objects.get(schema_name=bad.schema_name).error == found[bad.schema_name].error
        with runner.connect() as raw:
            raw.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(bad.schema_name, table)))
        again = {result.schema: result.state for result in runner.migrate_tenants(only=slugs)}
        assert again[bad.schema_name] == "ok"
        assert [again[row.schema_name] for row in rows if row is not bad] == ["current"] * 49


def test_a_bad_first_tenant_does_not_stop_the_others_either() -> None:
    table = min(_app_tables())
    with _flock(3) as rows:
        with runner.connect() as raw:
            for row in rows[:2]:
                raw.execute(sql.SQL("CREATE TABLE {} (id int)").format(sql.Identifier(row.schema_name, table)))
        found = {result.schema: result.state for result in runner.migrate_tenants(only=[row.slug for row in rows])}
        assert [found[row.schema_name] for row in rows] == ["failed", "failed", "ok"]


def test_the_command_says_what_failed_and_exits_with_one() -> None:
    table = min(_app_tables())
    with _flock(2) as rows:
        with runner.connect() as raw:
            raw.execute(sql.SQL("CREATE TABLE {} (id int)").format(sql.Identifier(rows[0].schema_name, table)))
        out = io.StringIO()
        only = [part for row in rows for part in ("--only", row.slug)]
        call_command("migrate_tenants", "--plan", "--json", *only, stdout=out)
        assert set(json.loads(out.getvalue())) == {row.schema_name for row in rows}
        out = io.StringIO()
        with pytest.raises(SystemExit) as stop:
            call_command("migrate_tenants", "--json", "--jobs", "2", *only, stdout=out)
        assert stop.value.code == 1
        states = {line["schema"]: line["state"] for line in json.loads(out.getvalue())}
        assert states["public"] == "current"
        assert [states[row.schema_name] for row in rows] == ["failed", "ok"]


def test_a_killed_run_leaves_no_half_and_the_next_goes_on() -> None:
    with _flock(6) as rows:
        code = f"""
from apps.tenancy.services.migrations import apart, runner
calls, record = [], apart.record
def third(*given):
    record(*given)
    calls.append(given)
    if len(calls) == 3:
        die()
apart.record = third
runner.migrate_tenants(only={[row.slug for row in rows]!r}, jobs=1)
"""
        assert killed.run(code) == -9
        for row in rows:
            with runner.connect() as raw:
                recorded = any(app == APP for app, _ in plan.applied_in(raw.cursor(), row.schema_name))
            assert recorded == (_app_tables() <= _tables(row.schema_name))
        results = runner.migrate_tenants(only=[row.slug for row in rows])
        assert {result.state for result in results} == {"current", "ok"}
        assert all(_app_tables() <= _tables(row.schema_name) for row in rows)


def test_of_two_runs_at_once_the_second_waits_or_says_so() -> None:
    ended = threading.Event()

    def second() -> None:
        runner.migrate_tenants(only=[])
        connections.close_all()
        ended.set()

    with runner.connect() as raw:
        runner.lock_run(raw, wait=False)
        with pytest.raises(Conflict, match="Another run"):
            runner.migrate_tenants(only=[], wait=False)
        thread = threading.Thread(target=second)
        thread.start()
        _wait_until_somebody_waits(raw)
        assert not ended.is_set()
    thread.join(timeout=30)
    assert ended.is_set()


def _wait_until_somebody_waits(raw: psycopg.Connection) -> None:
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    for _ in range(3000):
        if raw.execute(query).fetchone() != (0,):
            return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


def test_a_tenant_goes_to_an_earlier_migration_and_back() -> None:
    with cast.temporary_tenant() as tenant:
        results = moving.move_to(APP, "zero", only=[tenant.slug])
        assert [result.state for result in results] == ["moved"]
        assert not _app_tables() & _tables(tenant.schema_name)
        moving.move_to(APP, _leaf(APP), only=[tenant.slug])
        assert _standing(tenant) == "current"


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(InvalidInput):
        moving.move_to(APP, "9999", only=[])
    with pytest.raises(InvalidInput):
        moving.move_to("nothing", "zero", only=[])


def _leaf(app: str) -> str:
    return max(name for label, name in plan.disk_loader().disk_migrations if label == app)


def _standing(tenant: TenantRef) -> str:
    return {result.schema: result.state for result in status.check()}[tenant.schema_name]


@pytest.mark.parametrize("populated", [False, True], ids=["empty", "populated"])
def test_every_migration_goes_backwards_and_forwards(populated: bool) -> None:
    """Each migration of each app is undone alone, from the last to the first, and all are applied again."""
    with cast.temporary_tenant() as tenant:
        if populated:
            _populate(tenant)
        loader = plan.disk_loader()
        order = plan.ordered(loader, plan.relevant(settings.TENANT_LABELS, loader))
        for migration in reversed(order):
            before = [name for app, name in migration.dependencies if app == migration.app_label]
            _move(tenant, migration.app_label, before[0] if before else "zero")
        assert _tables(tenant.schema_name) == {"django_migrations"}
        for migration in order:
            _move(tenant, migration.app_label, migration.name)
        assert _standing(tenant) == "current"


def _move(tenant: TenantRef, app: str, name: str) -> None:
    (result,) = moving.move_to(app, name, only=[tenant.slug])
    assert result.state in ("moved", "current"), (app, name, result.error)


def _populate(tenant: TenantRef) -> None:
    """A row in every table, whatever its columns: defaults where there are some, else a value that fits the type."""
    with runner.connect() as raw:
        for table in sorted(_tables(tenant.schema_name) - {"django_migrations"}):
            if raw.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(_in(tenant, table))).fetchone():
                continue
            _insert_something(raw, tenant, table)


def _in(tenant: TenantRef, table: str) -> sql.Identifier:
    return sql.Identifier(tenant.schema_name, table)


_VALUES = {
    "uuid": "gen_random_uuid()", "jsonb": "'{{}}'", "json": "'{{}}'", "boolean": "false", "bytea": "'x'",
    "date": "current_date",
    "timestamp with time zone": "now()", "ARRAY": "'{{}}'", "inet": "'127.0.0.1'",
}  # fmt: skip


def _insert_something(raw: psycopg.Connection, tenant: TenantRef, table: str) -> None:
    columns = raw.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
        " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'",
        [tenant.schema_name, table],
    ).fetchall()
    values = [_VALUES.get(kind, "'1'" if "char" in kind or kind == "text" else "1") for _, kind in columns]
    text = (
        f"INSERT INTO {{}} ({', '.join(chr(34) + name + chr(34) for name, _ in columns)}) VALUES ({', '.join(values)})"
    )
    try:
        with raw.transaction():
            raw.execute(sql.SQL(text).format(_in(tenant, table)))
    except (errors.IntegrityError, errors.RaiseException, errors.DataError, errors.InsufficientPrivilege):
        pass  # a table whose rows hang on others, or that takes none by hand


def test_public_goes_backwards_and_forwards_on_a_database_of_its_own() -> None:
    admin = os.environ["POSTGRES_ADMIN_DSN"]
    name = f"test_atom_reverse_{new_id().hex[-8:]}"
    with psycopg.connect(admin, autocommit=True) as raw:
        raw.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            environment = {
                **os.environ,
                "POSTGRES_DSN": _on(os.environ["POSTGRES_DSN"], name),
                "POSTGRES_ADMIN_DSN": _on(admin, name),
            }
            done = subprocess.run(
                [sys.executable, "-c", _THERE_AND_BACK], env=environment, capture_output=True, text=True, timeout=180
            )
            assert done.returncode == 0, done.stderr
            assert done.stdout.split()[-1] == "same"
        finally:
            raw.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _on(dsn: str, name: str) -> str:
    address, _, rest = dsn.rpartition("/")
    return f"{address}/{name}?{rest.partition('?')[2]}"


_THERE_AND_BACK = """
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from apps.tenancy.models import User
from apps.tenancy.services.migrations import plan, runner
def columns():
    with runner.connect() as raw:
        return raw.execute("SELECT table_name, column_name, data_type FROM information_schema.columns"
                           " WHERE table_schema = 'public' ORDER BY 1, 2").fetchall()
assert runner.migrate_public().state == "ok"
before = columns()
User(email="operator@atom.test", password="x", is_superuser=True).save(using="admin")
loader = plan.disk_loader()
for app in ("tenancy", "audit"):
    names = sorted(name for label, name in loader.disk_migrations if label == app)
    for name in reversed(["zero", *names[:-1]]):
        call_command("migrate", app, name, database="admin", interactive=False, verbosity=0)
assert runner.migrate_public().state == "ok"
print("same" if columns() == before else "different")
"""


def test_drift_of_structure_and_rights_is_seen() -> None:
    with cast.temporary_tenant() as tenant, runner.connect() as raw:
        assert _standing(tenant) == "current"
        table = _in(tenant, min(_app_tables()))
        raw.execute(sql.SQL("ALTER TABLE {} ADD COLUMN by_hand int").format(table))
        assert _standing(tenant) == "drifted"
        raw.execute(sql.SQL("ALTER TABLE {} DROP COLUMN by_hand").format(table))
        raw.execute(sql.SQL("GRANT SELECT ON {} TO PUBLIC").format(table))
        assert _standing(tenant) == "drifted"
        assert "rights" in SchemaStatus.objects.get(schema_name=tenant.schema_name).error


def test_a_concurrent_index_that_a_kill_left_invalid_is_made_anew() -> None:
    step = plan.Step(
        ("probe", "0001"), ('CREATE UNIQUE INDEX CONCURRENTLY "probe_once" ON "probe" ("id")',), atomic=False
    )
    with cast.temporary_tenant() as tenant, runner.connect() as raw:
        probe = _in(tenant, "probe")
        raw.execute(sql.SQL("CREATE TABLE {} (id int)").format(probe))
        raw.execute(sql.SQL("INSERT INTO {} VALUES (1), (1)").format(probe))
        with pytest.raises(errors.UniqueViolation):
            apart.apply(raw, tenant.schema_name, step)  # leaves an invalid index, as a kill would
        raw.execute(sql.SQL("TRUNCATE {}").format(probe))
        apart.apply(raw, tenant.schema_name, step)
        apart.apply(raw, tenant.schema_name, step)
        valid = raw.execute("SELECT indisvalid FROM pg_index WHERE indrelid = %s::regclass", [probe.as_string(raw)])
        assert valid.fetchall() == [(True,)]
