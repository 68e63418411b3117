"""Connections to the tenants' own databases: one bounded pool per login, the least recently used ones closed.

They are never ATOM's connections, and ATOM's are never used for SQL of a user.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from apps.core.errors import LimitReached, Unavailable
from apps.datasources.connectors.postgres.access import Access
from apps.datasources.connectors.postgres.values import plain_values

_MAX_POOLS: Final = 64
_MAX_CONNECTIONS: Final = 8
_WAIT_SECONDS: Final = 5.0

_Pool = ConnectionPool[psycopg.Connection[Any]]
_pools: "OrderedDict[tuple[int, str], tuple[UUID, _Pool]]" = OrderedDict()
_lock = threading.Lock()


@contextmanager
def connection(access: Access, password: Callable[[], str]) -> Iterator[psycopg.Connection[Any]]:
    """A connection of that login, in autocommit. Whatever transaction is left open is rolled back on the way back."""
    pool = _pool(access, password)
    try:
        with pool.connection(timeout=_WAIT_SECONDS) as held:
            yield held
            if held.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
                held.rollback()
    except PoolTimeout:
        raise _no_connection(pool) from None


def close(tenant_id: UUID) -> None:
    """Close every pool of a tenant in this process."""
    with _lock:
        gone = [key for key, (owner, _pool_of) in _pools.items() if owner == tenant_id]
        pools = [_pools.pop(key)[1] for key in gone]
    for pool in pools:
        pool.close(timeout=1)


def discard(key: str) -> None:
    """Close one pool of this process; a connection in use goes when it is given back."""
    with _lock:
        gone = _pools.pop((os.getpid(), key), None)
    if gone is not None:
        gone[1].close(timeout=1)


def _pool(access: Access, password: Callable[[], str]) -> _Pool:
    key = (os.getpid(), access.key)
    with _lock:
        known = _pools.get(key)
        if known is not None:
            _pools.move_to_end(key)
            return known[1]
    made = _open(access, password())
    with _lock:
        known = _pools.setdefault(key, (access.tenant_id, made))
        surplus = [_pools.popitem(last=False)[1][1] for _ in range(len(_pools) - _MAX_POOLS)]
    for pool in surplus if known[1] is made else [*surplus, made]:
        pool.close(timeout=0)
    return known[1]


def _open(access: Access, password: str) -> _Pool:
    return ConnectionPool(
        kwargs={
            **access.place,
            "user": access.user,
            "password": password,
            "connect_timeout": 5,
            "application_name": "atom-studio",
            "client_encoding": "UTF8",
            "autocommit": True,
            "prepare_threshold": None,
        },
        configure=plain_values,
        min_size=0,
        max_size=_MAX_CONNECTIONS,
        max_idle=300,
        max_lifetime=1800,
        timeout=_WAIT_SECONDS,
        reconnect_timeout=5,
        num_workers=1,
        check=None,
        open=True,
    )


def _no_connection(pool: _Pool) -> Exception:
    stats = pool.get_stats()
    if stats.get("connections_errors", 0) and stats.get("pool_size", 0) < _MAX_CONNECTIONS:
        return Unavailable("The database does not accept a connection.", next_steps=["Test the datasource."])
    return LimitReached("All connections to this database are busy.", retry_after=2)
