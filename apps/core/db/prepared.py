"""Prepared statements for the few queries that every request sends.

Django binds on the client and so has each statement planned anew; for a join of three tables under row-level security
planning costs several times the execution. PostgreSQL itself re-analyses a prepared statement when the role or the
search_path it was planned under has changed, so one name serves all tenants.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import psycopg
from django.db import connection

from apps.core.db.base import DatabaseWrapper


def fetch_one(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row of a constant statement of ours, run in the current tenant and transaction; None without one.

    Raises Django's database errors. `statement` must not be built per call: each text stays prepared.
    """
    return next(iter(fetch_all(statement, values)), None)


def fetch_all(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Every row of such a statement; for those that answer few."""
    wrapper = cast("DatabaseWrapper", connection)
    wrapper.ensure_connection()
    with wrapper.wrap_database_errors:
        wrapper.enter_tenant()
        with psycopg.Cursor(wrapper.connection) as cursor:
            return cursor.execute(statement, values, prepare=True).fetchall()


ENTERING: Final = """set_config('role', t.role_name, false),
           set_config('search_path', '"' || t.schema_name || '", public', false)"""
"""The last columns of a statement for `fetch_and_enter` that finds its tenant in `public.tenancy_tenant` t."""


def fetch_and_enter(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The same for a statement whose last columns are `ENTERING`: it leaves the connection in the tenant it found.

    So entering that tenant next sends nothing. Only the connection changes: the context still says which tenant counts,
    and where it says another one, role and search_path are set anew before the next statement.
    """
    row = fetch_one(statement, values)
    if row is None:
        return None
    cast("DatabaseWrapper", connection).note_entered(*row[-2:])
    return row[:-2]
