"""Prepared statements for the few queries that every request sends.

Django binds on the client and so has each statement planned anew; for a join of three tables under row-level security
planning costs several times the execution. PostgreSQL itself re-analyses a prepared statement when the role or the
search_path it was planned under has changed, so one name serves all tenants.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, cast

import psycopg
from django.db import connection, transaction

from apps.core.db.base import DatabaseWrapper
from apps.core.tenant import TenantRef


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
"""Two columns by which a statement that finds its tenant in `public.tenancy_tenant` t enters it; `entered` follows."""


def entered(tenant: TenantRef) -> None:
    """The statement before has left the connection in this tenant (`ENTERING`), so that entering it next sends nothing.

    Only the connection changes: the context still says which tenant counts, and where it says another one, role and
    search_path are set anew before the next statement.
    """
    cast("DatabaseWrapper", connection).note_entered(tenant)


_afterwards: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_the_pipeline", default=None)


@contextmanager
def together() -> Iterator[None]:
    """The statements that `execute` sends in the block go out without waiting for each other and commit as one.

    For statements that need no answer of one another; outside a transaction. Raises at the end of the block what any of
    them met, and then none of them has happened.
    """
    wrapper = cast("DatabaseWrapper", connection)
    wrapper.ensure_connection()
    calls: list[Callable[[], None]] = []
    token = _afterwards.set(calls)
    try:
        with wrapper.wrap_database_errors, wrapper.connection.pipeline():
            yield
    except BaseException:
        wrapper.forget_entered()
        raise
    finally:
        _afterwards.reset(token)
    for call in calls:
        call()


def execute(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> None:
    """Run a constant statement whose answer nobody needs."""
    wrapper = cast("DatabaseWrapper", connection)
    wrapper.ensure_connection()
    with wrapper.wrap_database_errors:
        wrapper.enter_tenant()
        with psycopg.Cursor(wrapper.connection) as cursor:
            cursor.execute(statement, values, prepare=True)


def when_done(call: Callable[[], None]) -> None:
    """Call it once what was sent has been committed: at the end of `together`, of the transaction, or now."""
    calls = _afterwards.get()
    if calls is None:
        transaction.on_commit(call)
    else:
        calls.append(call)


def become_until_commit() -> None:
    """See `DatabaseWrapper.become_until_commit`."""
    cast("DatabaseWrapper", connection).become_until_commit()
