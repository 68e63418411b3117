"""The owner's connections, outside Django."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from atom_project.config import config


@contextmanager
def connect() -> Iterator[psycopg.Connection[Any]]:
    """A connection of the owner, in autocommit.

    What it locked is free at the end of the block: the server gives up a closed session's locks only once it notices.
    """
    dsn = config.postgres_admin_dsn.get_secret_value()
    with psycopg.connect(dsn, autocommit=True, options="-c TimeZone=UTC") as raw:
        try:
            yield raw
        finally:
            if raw.info.transaction_status == TransactionStatus.IDLE:
                raw.execute("SELECT pg_advisory_unlock_all()")


@contextmanager
def patient(raw: psycopg.Connection[Any], at_most: str, refusal: Exception) -> Iterator[None]:
    """What is locked inside is waited for `at_most` so long (an interval such as "2s"); after it, raises `refusal`."""
    raw.execute(f"SET lock_timeout = '{at_most}'")
    try:
        yield
    except errors.LockNotAvailable:
        raise refusal from None
    raw.execute("RESET lock_timeout")
