"""Somebody's own Postgres: a database with one table and a read-only login, on the suite's cluster, reached by TCP."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import psycopg
from psycopg import sql


@dataclass(frozen=True, slots=True)
class ExternalPostgres:
    """Where it is and who logs in."""

    config: dict[str, Any]
    role: str
    password: str

    def set_password(self, password: str) -> None:
        """What the owner of that database does to rotate the login."""
        with psycopg.connect(os.environ["POSTGRES_ADMIN_DSN"], autocommit=True) as connection:
            text = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(self.role), sql.Literal(password))
            connection.execute(text)

    def sessions(self) -> int:
        """How many sessions of the login there are now."""
        with psycopg.connect(os.environ["POSTGRES_ADMIN_DSN"], autocommit=True) as connection:
            row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [self.role]).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def running() -> Iterator[ExternalPostgres]:
    """Made for the block, dropped after it."""
    name, password = f"ext_{token_hex(5)}", f"ext-pw-{token_hex(12)}"
    admin = os.environ["POSTGRES_ADMIN_DSN"]
    with psycopg.connect(admin, autocommit=True) as connection:
        host, port = connection.info.host, connection.info.port
        role = sql.Identifier(name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(role))
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
        # An installation takes CONNECT from PUBLIC on every database it finds.
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(role, role))
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER WITH INHERIT TRUE").format(role))  # to end its sessions
    inside = psycopg.conninfo.make_conninfo(admin, dbname=name)
    with psycopg.connect(inside, autocommit=True) as connection:
        connection.execute("CREATE TABLE canaries (id int PRIMARY KEY, name text)")
        connection.execute("INSERT INTO canaries SELECT n, 'bird ' || n FROM generate_series(1, 5) n")
        connection.execute(sql.SQL("GRANT SELECT ON canaries TO {}").format(role))
    place = {"host": host, "port": port, "dbname": name, "user": name, "sslmode": "prefer"}
    try:
        yield ExternalPostgres(place, name, password)
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
