"""The two LOGIN roles of an installation and its database, as an operator would make them on a real server.

The superuser makes the owner and nothing else; the owner makes the rest, so that the embedded server grants no
right a managed server would not.
"""

import psycopg
from psycopg import sql

from atom_project.runtime.keys import Keys


def ensure(superuser_dsn: str, owner_dsn: str, keys: Keys, database: str) -> None:
    """Make the roles and the database, set the passwords again, close everything to PUBLIC. Idempotent."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        _ensure_role(connection, keys.owner_role, keys.postgres_owner, "LOGIN CREATEDB CREATEROLE")
        for name in ("postgres", "template1"):
            _close_to_public(connection, name)
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE postgres TO {}").format(sql.Identifier(keys.owner_role)))
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
    with psycopg.connect(_in_database(owner_dsn, "postgres"), autocommit=True) as connection:
        _ensure_role(connection, keys.app_role, keys.postgres_app, "LOGIN NOINHERIT")
        # whoever may end a role's sessions can drop a database in use; ADMIN alone, which the creator has, may not
        connection.execute(
            sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE").format(
                sql.Identifier(keys.app_role), sql.Identifier(keys.owner_role)
            )
        )
        if not exists:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        _close_to_public(connection, database)
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                sql.Identifier(database), sql.Identifier(keys.app_role)
            )
        )


def _in_database(dsn: str, database: str) -> str:
    return psycopg.conninfo.make_conninfo(dsn, dbname=database)


def _ensure_role(connection: psycopg.Connection, name: str, password: str, attributes: str) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    statement = "ALTER ROLE {} {} PASSWORD {}" if exists else "CREATE ROLE {} {} PASSWORD {}"
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.SQL(attributes), sql.Literal(verifier)))


def _close_to_public(connection: psycopg.Connection, database: str) -> None:
    connection.execute(sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
