"""Prepared statements for the few queries that every request sends.

Django binds on the client and so has each statement planned anew; for a join of three tables under row-level security
planning costs several times the execution. PostgreSQL itself re-analyses a prepared statement when the role or the
search_path it was planned under has changed, so one name serves all tenants.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

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
