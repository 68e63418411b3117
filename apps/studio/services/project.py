"""A tenant's studio project: its database with three LOGIN roles, their passwords, and its row in the registry.

The boundary is the role: each is a member of nothing, carries the installation's id in its name, and can connect to
this database alone. CREATE DATABASE goes by WAL_LOG: FILE_COPY forces two checkpoints, which on a busy server cost all
tenants more than they save (alone on the embedded cluster: 82 ms by WAL_LOG, 90 to 170 ms by FILE_COPY).
"""

import secrets
import time
from typing import Any, Final

import psycopg
from psycopg import sql

from apps.core.actor import Actor
from apps.core.tenant import TenantRef, entered
from apps.datasources.connectors.postgres.access import LEVELS, secret_name, studio_database
from apps.datasources.connectors.postgres.connector import forget
from apps.datasources.models import Datasource
from apps.datasources.services import registry
from apps.policies.services.secrets import SecretsManager
from apps.tenancy.registry import ProvisioningContext
from apps.tenancy.services import installation

PROJECT: Final = "studio"
DROP_WITHIN_SECONDS: Final = 15
_ROLE_OPTIONS: Final = {
    "CREATE": "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 24",
    "ALTER": "LOGIN NOINHERIT NOCREATEDB NOCREATEROLE CONNECTION LIMIT 24",  # the rest takes a superuser to change
}
_SETTINGS: Final = {
    "ro": (
        "SET default_transaction_read_only = on",
        "SET statement_timeout = '120s'",
        "SET idle_in_transaction_session_timeout = '60s'",
        "SET lock_timeout = '2s'",
    ),
    "rw": (
        "SET statement_timeout = '120s'",
        "SET idle_in_transaction_session_timeout = '60s'",
        "SET lock_timeout = '2s'",
    ),
    "owner": ("SET statement_timeout = '15min'", "SET lock_timeout = '10s'"),
}
# Run as the owner inside the new database.
_RIGHTS: Final = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {ro}, {rw}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {ro}, {rw}",
    "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {ro}, {rw}",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {ro}",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {rw}",
    "ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {rw}",
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO {rw}",
)


def prepare(ctx: ProvisioningContext) -> None:
    """What needs no schema of the tenant, made beside it; idempotent. Roles, database and rights."""
    passwords = _make_roles(ctx)
    _make_database(ctx)
    _set_rights(ctx, passwords["owner"])
    ctx.notes[PROJECT] = passwords


def provision(ctx: ProvisioningContext) -> None:
    """Provisioning step; idempotent. Seals the passwords and writes the registry's row."""
    passwords: dict[str, str] = ctx.notes[PROJECT]
    with entered(ctx.tenant):
        _keep_passwords(ctx.tenant, passwords)
        _register(ctx.tenant)


def remove(ctx: ProvisioningContext) -> None:
    """Undo, also of a half-made project: sessions, database, roles. The rows go with the tenant's schema."""
    forget(ctx.tenant.id)
    cursor, names = ctx.admin_cursor, _names(ctx.tenant)
    _drop_database(cursor, names["database"])
    for level in LEVELS:
        cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(names[level]))


def _drop_database(cursor: Any, name: sql.Identifier) -> None:
    """FORCE ends sessions of the tenant's roles; an autovacuum worker is not ours to end, so it is waited for."""
    deadline = time.monotonic() + DROP_WITHIN_SECONDS
    while True:
        try:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _names(tenant: TenantRef) -> dict[str, sql.Identifier]:
    roles = {level: sql.Identifier(installation.studio_role_name(tenant.id.hex, level)) for level in LEVELS}
    return {**roles, "database": sql.Identifier(studio_database(tenant.id))}


def _make_roles(ctx: ProvisioningContext) -> dict[str, str]:
    """Every run sets new passwords: a half-made project has none that anybody knows."""
    cursor, passwords = ctx.admin_cursor, {level: secrets.token_urlsafe(32) for level in LEVELS}
    statements: list[sql.Composable] = []
    for level in LEVELS:
        name = installation.studio_role_name(ctx.tenant.id.hex, level)
        verb = "ALTER" if _exists(cursor, "pg_roles", "rolname", name) else "CREATE"
        # Only the SCRAM verifier travels: a password in a statement could end in the server's log.
        verifier = cursor.connection.pgconn.encrypt_password(passwords[level].encode(), name.encode(), b"scram-sha-256")
        statements.append(
            sql.SQL("{verb} ROLE {role} {options} PASSWORD {verifier}").format(
                verb=sql.SQL(verb), role=sql.Identifier(name), options=sql.SQL(_ROLE_OPTIONS[verb]),
                verifier=sql.Literal(verifier.decode()),
            )
        )  # fmt: skip
        statements += [
            sql.SQL(f"ALTER ROLE {{}} {setting}").format(sql.Identifier(name)) for setting in _SETTINGS[level]
        ]
        # The owner of the installation may create the database for the role, and end its sessions.
        statements.append(sql.SQL("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE").format(sql.Identifier(name)))
    cursor.execute(sql.SQL("; ").join(statements).as_string(cursor), prepare=False)
    return passwords


def _make_database(ctx: ProvisioningContext) -> None:
    if _exists(ctx.admin_cursor, "pg_database", "datname", studio_database(ctx.tenant.id)):
        return
    ctx.admin_cursor.execute(
        sql.SQL("CREATE DATABASE {database} OWNER {owner} TEMPLATE template0 STRATEGY WAL_LOG ENCODING 'UTF8'").format(
            **_names(ctx.tenant)
        )
    )


def _exists(cursor: Any, catalog: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(catalog), sql.Identifier(column))
    return cursor.execute(query, [name]).fetchone() is not None


def _set_rights(ctx: ProvisioningContext, password: str) -> None:
    text = sql.SQL("; ").join(sql.SQL(statement).format(**_names(ctx.tenant)) for statement in _RIGHTS)
    with owner_connection(ctx.admin_cursor.connection, ctx.tenant, password) as connection:
        connection.execute(text.as_string(connection), prepare=False)


def owner_connection(beside: psycopg.Connection[Any], tenant: TenantRef, password: str) -> psycopg.Connection[Any]:
    """A login as the project's owner on the cluster of `beside`."""
    parts = psycopg.conninfo.conninfo_to_dict(beside.info.dsn)
    place = {name: parts[name] for name in ("host", "port", "sslmode", "sslrootcert") if name in parts}
    user = installation.studio_role_name(tenant.id.hex, "owner")
    name = "atom-provisioning"
    conninfo = psycopg.conninfo.make_conninfo(
        "", **place, dbname=studio_database(tenant.id), user=user, password=password, application_name=name
    )
    return psycopg.connect(conninfo, autocommit=True)


def _keep_passwords(tenant: TenantRef, passwords: dict[str, str]) -> None:
    system = Actor.system(tenant, "provisioning")
    manager = SecretsManager(tenant)
    for level, password in passwords.items():
        manager.store(secret_name(level), password, actor=system)


def _register(tenant: TenantRef) -> None:
    if Datasource.objects.filter(project=PROJECT, type="postgres").exists():
        return
    system = Actor.system(tenant, "provisioning")
    datasource = registry.create_draft(
        system, name="Studio project", type_name="postgres", config={"dbname": studio_database(tenant.id)},
        description="The tenant's own Postgres database.", project=PROJECT, comment="Made with the tenant.",
    )  # fmt: skip
    registry.publish_version(system, datasource, 1)
