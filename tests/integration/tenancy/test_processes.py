"""Every kind of process as the database sees it: the runtime role, no tenant's rights, connections that end in time."""

import pytest
from django.db import connection

from apps.core.db import roles
from apps.core.tenant import TenantRef
from apps.tenancy.services import installation
from apps.tenancy.services.migrations import runner
from atom_project.runtime import environment, processes
from tests.support import killed


def test_raw_sql_in_each_process_reads_no_tenant(acme: TenantRef) -> None:
    code = f"""
import psycopg
os.environ["ATOM_PROCESS"] = point
from django.conf import settings
from django.db import connection
from django.db.utils import ProgrammingError
role = {roles.app_role()!r}
with connection.cursor() as cursor:
    cursor.execute("SELECT session_user, current_user, current_setting('is_superuser')")
    assert cursor.fetchone() == (role, role, "off")
    for table in ("audit_entry", "datasources", "secrets"):
        try:
            cursor.execute('SELECT * FROM "{acme.schema_name}".' + table)
        except ProgrammingError as error:
            assert isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege), error
        else:
            raise AssertionError("a tenant's rows were read")
"""
    assert killed.each(list(processes.NAMES), code) == dict.fromkeys(processes.NAMES, 0)


def test_only_workers_may_hold_the_owners_address() -> None:
    holders = {process.name for process in processes.PROCESSES if process.needs_admin}
    assert holders == {"worker"}
    assert set(processes.NAMES) - holders == environment.WITHOUT_ADMIN


def test_connections_end_before_they_have_seen_too_many_tenants() -> None:
    connection.ensure_connection()
    assert 60 <= connection.pool.max_lifetime <= 1800


@pytest.mark.parametrize("table", ["tenancy_usageday", "tenancy_usagemonth", "tenancy_subscription"])
def test_a_tenant_may_read_its_bill_but_not_write_it(acme: TenantRef, table: str) -> None:
    with runner.connect() as raw:
        query = "SELECT has_table_privilege(%s, %s, 'SELECT'), has_table_privilege(%s, %s, 'INSERT, UPDATE, DELETE')"
        name = f"public.{table}"
        assert raw.execute(query, [acme.role_name, name, acme.role_name, name]).fetchone() == (True, False)


def test_what_the_server_leaves_open_is_listed() -> None:
    with runner.connect() as raw:
        found = installation.exposed(raw.cursor())
        own = str(raw.info.dbname)
    assert not [sentence for sentence in found if f"database {own}:" in sentence]
    assert any("pg_database" in sentence for sentence in found)
