"""The boundary of a studio project is its LOGIN roles: what each can do when somebody logs in as it directly."""

from collections.abc import Iterator

import psycopg
import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.connectors.postgres.access import secret_name, studio_database
from apps.policies.engine.postgres.functions import HARMLESS_VOLATILE, is_allowed
from apps.policies.services.secrets import SecretsManager
from apps.studio.services import demo
from apps.studio.services import project as studio_project
from apps.tenancy.registry import ProvisioningContext
from apps.tenancy.services import installation, provisioning
from apps.tenancy.services.migrations import runner
from atom_project.config import config


def login(tenant: TenantRef, level: str, database: str | None = None) -> psycopg.Connection:
    with tenant_context.entered(tenant):
        password = SecretsManager().reveal(secret_name(level), actor=Actor.system(tenant), purpose="test")
    parts = psycopg.conninfo.conninfo_to_dict(config.postgres_dsn.get_secret_value())
    parts |= {
        "dbname": database or studio_database(tenant.id),
        "user": installation.studio_role_name(tenant.id.hex, level),
        "password": password,
    }
    return psycopg.connect(psycopg.conninfo.make_conninfo("", **parts), autocommit=True)


@pytest.fixture(scope="module")
def project(world: dict[str, TenantRef]) -> TenantRef:
    with tenant_context.entered(world["acme"]):
        demo.load_demo(world["acme"])
    return world["acme"]


@pytest.fixture
def reader(project: TenantRef) -> Iterator[psycopg.Connection]:
    with login(project, "ro") as connection:
        yield connection


def test_the_reader_reads_what_the_owner_made(reader: psycopg.Connection) -> None:
    assert reader.execute("SELECT count(*) FROM orders").fetchone() == (4000,)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "CREATE SCHEMA mine",
        "SET ROLE postgres",
        "COPY orders TO '/tmp/x'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_the_reader_can_do_nothing_else_even_when_it_switches_read_only_off(
    reader: psycopg.Connection, sql: str
) -> None:
    reader.execute("SET default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(sql)


@pytest.mark.parametrize("level", ["ro", "rw", "owner"])
def test_no_role_is_a_member_of_anything_or_may_connect_elsewhere(
    project: TenantRef, globex: TenantRef, level: str
) -> None:
    own = psycopg.conninfo.conninfo_to_dict(config.postgres_dsn.get_secret_value())["dbname"]
    with login(project, level) as connection:
        member_of = connection.execute(
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = current_user"
        ).fetchone()
        assert member_of == (0,)
    for database in (str(own), studio_database(globex.id), "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            login(project, level, database)


def test_the_writer_writes_but_defines_nothing(project: TenantRef) -> None:
    with login(project, "rw") as connection:
        with connection.transaction(force_rollback=True):
            connection.execute("UPDATE orders SET note = 'x' WHERE id = 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine (id int)")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT lower('X'::varchar)",  # an exact match in `public` wins over pg_catalog's lower(text)
        "SELECT made.as_owner()",
        "SELECT * FROM made.through_a_view",
        "SELECT * FROM made.noisy()",
    ],
)
def test_the_reader_runs_no_function_of_the_project(
    reader: psycopg.Connection, functions_of_the_owner: None, sql: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"):
        reader.execute(sql)


@pytest.fixture
def functions_of_the_owner(project: TenantRef) -> Iterator[None]:
    with login(project, "owner") as owner:
        owner.execute("""
            CREATE SCHEMA made;
            CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS $$SELECT 'taken'$$;
            CREATE FUNCTION made.as_owner() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
            CREATE FUNCTION made.noisy() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 1; END';
            CREATE VIEW made.through_a_view AS SELECT made.noisy() AS value""")
        try:
            yield
        finally:
            owner.execute("DROP SCHEMA made CASCADE; DROP FUNCTION public.lower(varchar)")


_EXECUTABLE = """SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
  AND provolatile = 'v' AND prokind = 'f' AND has_function_privilege(oid, 'EXECUTE')"""


def test_of_the_volatile_functions_the_server_cannot_hide_the_gate_allows_the_harmless_alone(
    reader: psycopg.Connection,
) -> None:
    executable = {name for (name,) in reader.execute(_EXECUTABLE).fetchall()}
    assert {"pg_sleep", "pg_advisory_lock", "pg_notify", "set_config"} <= executable
    assert {name for name in executable if is_allowed("pg_catalog", name, 1)} <= HARMLESS_VOLATILE


def test_the_owner_of_a_project_cannot_close_the_functions_of_the_server(
    project: TenantRef, reader: psycopg.Connection
) -> None:
    """Why the gate's list has to: a REVOKE by who did not grant changes nothing, and says so in a warning alone."""
    with login(project, "owner") as owner:
        owner.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(float8) FROM PUBLIC")
    assert reader.execute("SELECT has_function_privilege('pg_catalog.pg_sleep(float8)', 'EXECUTE')").fetchone() == (
        True,
    )


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT lo_create(0)", psycopg.errors.ReadOnlySqlTransaction),
        ("SELECT lo_import('/etc/passwd')", psycopg.errors.InsufficientPrivilege),
        ("SELECT dblink('x', 'SELECT 1')", psycopg.errors.UndefinedFunction),
        ("SELECT pg_reload_conf()", psycopg.errors.InsufficientPrivilege),
    ],
)
def test_what_changes_or_reads_the_server_is_refused_to_the_reader(
    reader: psycopg.Connection, sql: str, error: type[psycopg.Error]
) -> None:
    with reader.transaction(force_rollback=True), pytest.raises(error):
        reader.execute(sql)


def test_new_tables_of_the_owner_are_readable_at_once(project: TenantRef, reader: psycopg.Connection) -> None:
    with login(project, "owner") as owner:
        owner.execute("CREATE SCHEMA fresh")
        owner.execute("CREATE TABLE fresh.things (id int)")
        try:
            assert reader.execute("SELECT count(*) FROM fresh.things").fetchone() == (0,)
        finally:
            owner.execute("DROP SCHEMA fresh CASCADE")


def test_a_removed_tenant_leaves_no_database_and_no_role() -> None:
    tenant = provisioning.provision("gone-studio", "Gone")
    with login(tenant, "ro") as connection:
        connection.execute("SELECT 1")
        provisioning.remove(tenant.id)
    with runner.connect() as admin:
        roles = admin.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE %s", [f"%{tenant.id.hex}%"]).fetchone()
        bases = admin.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE %s", [f"%{tenant.id.hex}%"]
        ).fetchone()
    assert (roles, bases) == ((0,), (0,))


def test_provisioning_again_repairs_a_half_made_project(fresh_tenant: TenantRef) -> None:
    with runner.connect() as admin:
        context = ProvisioningContext(fresh_tenant, admin.cursor())
        studio_project.prepare(context)
        studio_project.provision(context)
    with login(fresh_tenant, "ro") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
