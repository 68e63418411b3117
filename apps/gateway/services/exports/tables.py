"""Rows of the tenant's schema as JSON lines: all tables of one moment, secrets never.

Runs on a connection of its own as the tenant's role, read only, in one repeatable-read transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import sql

from apps.core.tenant import TenantRef
from atom_project.config import config

# Sealed values, keys and answers kept for retries; and whatever table has a column that holds such a thing.
NEVER: Final = frozenset({"secrets", "tenant_keys", "datasource_secrets", "audit_secret", "gateway_keptanswer"})
_SECRET_COLUMNS: Final = frozenset(
    {"sealed", "wrapped", "encrypted_value", "secret", "password", "token", "token_hash", "key_hash", "private_key"}
)
_HASHES: Final = frozenset({"hash", "prev_hash", "last_hash"})  # the only bytes that are no secret
# row_to_json escapes control characters, so these two never occur in a line and COPY's CSV quotes nothing.
_AS_LINES: Final = "COPY (SELECT row_to_json(t) FROM {} t) TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"
_PEOPLE: Final = """
    COPY (SELECT row_to_json(t) FROM (
        SELECT u.email, u.name, m.role, m.is_active, m.created_at FROM public.tenancy_membership m
          JOIN public.tenancy_user u ON u.id = m.user_id ORDER BY u.email) t)
    TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')
"""


@contextmanager
def snapshot(tenant: TenantRef) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees the tenant's rows as they are now, and changes nothing."""
    with psycopg.connect(config.postgres_dsn.get_secret_value(), options="-c TimeZone=UTC") as raw:
        raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        raw.read_only = True
        raw.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(tenant.role_name)))
        yield raw
        raw.rollback()


def names(raw: psycopg.Connection[Any], tenant: TenantRef) -> tuple[list[str], list[str]]:
    """Tables to export, and those left out because they hold secrets or are closed to the tenant itself."""
    rows = raw.execute(
        "SELECT c.relname, has_table_privilege(c.oid, 'SELECT'), array_agg(a.attname::text),"
        "       array_agg(a.attname::text) FILTER (WHERE a.atttypid = 'bytea'::regtype)"
        "  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        "   AND c.relname <> 'django_migrations' GROUP BY 1, 2 ORDER BY 1",
        [f'"{tenant.schema_name}"'],
    ).fetchall()
    out = {name for name, *facts in rows if _is_closed(name, *facts)}
    return [name for name, *_ in rows if name not in out], sorted(out)


def _is_closed(name: str, may_read: bool, columns: list[str], raw_bytes: list[str] | None) -> bool:
    return name in NEVER or not may_read or bool(_SECRET_COLUMNS & set(columns) or set(raw_bytes or ()) - _HASHES)


def lines(raw: psycopg.Connection[Any], tenant: TenantRef, table: str) -> Iterator[bytes]:
    """The rows of a table, one JSON object a line."""
    yield from _copied(raw, sql.SQL(_AS_LINES).format(sql.Identifier(tenant.schema_name, table)))


def people(raw: psycopg.Connection[Any]) -> Iterator[bytes]:
    """The members: address, name, role. Row-level security shows the tenant's own alone."""
    yield from _copied(raw, sql.SQL(_PEOPLE))


def _copied(raw: psycopg.Connection[Any], statement: sql.SQL | sql.Composed) -> Iterator[bytes]:
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            yield bytes(block)
