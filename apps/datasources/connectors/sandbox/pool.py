"""One warm DuckDB per process and tenant; the least recently used go when together they hold too much memory."""

import atexit
import ctypes
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import duckdb

from apps.datasources.connectors.sandbox.duck import Bounds, open_locked

MAX_CONNECTIONS = 16
MEMORY_BUDGET = 1 << 30
"""Bytes that all warm connections of a process may hold before the idle ones are closed."""


@dataclass(slots=True)
class _Warm:
    connection: duckdb.DuckDBPyConnection
    users: int = 0


class Pool:
    """Keyed by tenant; safe between threads, emptied in a forked child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._warm: OrderedDict[UUID, _Warm] = OrderedDict()

    @contextmanager
    def cursor(self, tenant_id: UUID, folder: Path, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of the tenant's connection, for one thread and one statement."""
        warm = self._taken(tenant_id, folder, spill)
        try:
            cursor = warm.connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()
        finally:
            with self._lock:
                warm.users -= 1

    def drop(self, tenant_id: UUID) -> None:
        """Close the tenant's connection, for instance because its warehouse is gone."""
        with self._lock:
            warm = self._warm.pop(tenant_id, None)
        if warm is not None and not warm.users:
            warm.connection.close()

    def close(self) -> None:
        """Close everything: the process ends."""
        with self._lock:
            while self._warm:
                self._warm.popitem()[1].connection.close()

    def clear(self) -> None:
        """Forget everything without closing: the connections belong to the parent process."""
        for warm in self._warm.values():
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(warm.connection))  # freeing it here would end the process
        self._lock = threading.Lock()
        self._warm = OrderedDict()

    def __len__(self) -> int:
        return len(self._warm)

    def _taken(self, tenant_id: UUID, folder: Path, spill: Path) -> _Warm:
        with self._lock:
            warm = self._warm.get(tenant_id)
            if warm is None:
                self._evict()
                folder.mkdir(parents=True, exist_ok=True)
                warm = self._warm[tenant_id] = _Warm(open_locked([folder], bounds=Bounds(), spill=spill))
            self._warm.move_to_end(tenant_id)
            warm.users += 1
            return warm

    def _evict(self) -> None:
        held = {tenant_id: _memory(warm.connection) for tenant_id, warm in self._warm.items()}
        for tenant_id in list(self._warm):
            if len(self._warm) < MAX_CONNECTIONS and sum(held.values()) <= MEMORY_BUDGET:
                return
            if not self._warm[tenant_id].users:
                self._warm.pop(tenant_id).connection.close()
                held.pop(tenant_id)


def _memory(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.cursor().execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchone()
    return int(row[0] or 0) if row else 0


pool = Pool()
os.register_at_fork(after_in_child=pool.clear)
atexit.register(pool.close)
