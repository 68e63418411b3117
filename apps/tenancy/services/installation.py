"""What the database holds once per installation: role names, the tenants' group, the function that RLS rests on.

Runs on the admin connection only. Everything here is idempotent.
"""

from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql

from apps.core.db.roles import app_role, prefix, user_of
from apps.core.errors import Unavailable
from atom_project.config import config


def owner_role() -> str:
    """The role that owns schemas and migrates: POSTGRES_ADMIN_DSN logs in as it."""
    return user_of(config.postgres_admin_dsn.get_secret_value())


def tenants_role() -> str:
    """The group of all tenant roles."""
    return f"{prefix()}_tenants"


def tenant_role_name(tenant_hex: str) -> str:
    """Role of one tenant; the id at its end is what row-level security reads."""
    return f"{prefix()}_t_{tenant_hex}"


def studio_role_name(tenant_hex: str, level: str) -> str:
    """LOGIN role of a tenant on its studio database; level is owner, rw or ro."""
    return f"{prefix()}_s_{tenant_hex}_{level}"


def prepare(cursor: Any) -> None:
    """Make the group role and `public.atom_tenant()`; close `public` and the database to PUBLIC."""
    _check_version(cursor)
    names = {
        "app": sql.Identifier(app_role()),
        "tenants": sql.Identifier(tenants_role()),
        "database": sql.Identifier(cursor.connection.info.dbname),
    }
    if not _role_exists(cursor, tenants_role()):
        cursor.execute(sql.SQL("CREATE ROLE {tenants} NOLOGIN NOINHERIT").format(**names))
    for statement in (
        "REVOKE CONNECT, TEMP ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {app}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {app}, {tenants}",
    ):
        cursor.execute(sql.SQL(statement).format(**names))
    cursor.execute(
        """
        CREATE OR REPLACE FUNCTION public.atom_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
        $$ SELECT substring(current_user FROM '_t_([0-9a-f]{32})$')::uuid $$
        """
    )
    _close_other_databases(cursor)
    cursor.execute("REVOKE ALL ON FUNCTION public.atom_tenant() FROM PUBLIC")
    cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION public.atom_tenant() TO {app}, {tenants}").format(**names))


def exposed(cursor: Any) -> list[str]:
    """What anybody who can log in to this cluster may still see or do, in sentences; empty where nothing is left open.

    On a server of one's own `prepare` and provisioning close these; a managed server keeps some of them to itself.
    """
    cursor.execute(
        """
        SELECT d.datname, string_agg(lower(a.privilege_type), ' and ' ORDER BY a.privilege_type)
          FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
         WHERE a.grantee = 0 AND d.datallowconn GROUP BY 1 ORDER BY 1
        """
    )
    found = [f"database {name}: anybody may {rights}" for name, rights in cursor.fetchall()]
    cursor.execute(
        "SELECT c.relname FROM pg_class c WHERE c.oid IN ('pg_database'::regclass, 'pg_roles'::regclass,"
        " 'pg_stat_activity'::regclass, 'pg_stat_database'::regclass)"
        " AND has_table_privilege('public', c.oid, 'SELECT') ORDER BY 1"
    )
    shown = {
        "pg_database": "names of all databases",
        "pg_roles": "names of all roles",
        "pg_stat_activity": "that other sessions exist (not what they run)",
        "pg_stat_database": "activity counters of all databases",
    }
    return [*found, *(f"{name}: {shown[name]} can be read by anybody" for (name,) in cursor.fetchall())]


def _close_other_databases(cursor: Any) -> None:
    """Revoke what PUBLIC holds on the databases that are ours to close; those of others are listed by `exposed`."""
    cursor.execute(
        "SELECT d.datname FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a"
        " WHERE a.grantee = 0 AND d.datallowconn AND pg_has_role(d.datdba, 'USAGE') GROUP BY 1"
    )
    for (name,) in cursor.fetchall():
        with suppress(psycopg.errors.InvalidCatalogName, psycopg.errors.InternalError_):  # it goes, or changes just now
            cursor.execute(sql.SQL("REVOKE CONNECT, TEMP ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _role_exists(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    return cursor.fetchone() is not None


def _check_version(cursor: Any) -> None:
    if cursor.connection.info.server_version < 160000:
        raise Unavailable("ATOM needs PostgreSQL 16 or newer.")
