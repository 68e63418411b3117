"""A database of the suite's own, named by its suffix, on servers that all suites of a checkout share.

Those servers are not the ones of `make run`: they do not wait for the disk, and a suite never meets a person's data.
Benchmarks use the servers of `make run`, as they are.
"""

import fcntl
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import psycopg.conninfo
from psycopg import sql

from atom_project.runtime import environment, places
from atom_project.runtime.postgres import THROWAWAY_FLAG
from tests.support import fast_files

_HOME = "ATOM_SUITES_STATE_DIR"


def point_environment_at_test_database(suffix: str, *, as_served: bool = False) -> None:
    """Let POSTGRES_DSN, POSTGRES_ADMIN_DSN, REDIS_URL, the state folder and the log folder name the suite's own.

    `as_served`: on the servers of `make run`, whose commits are durable.
    """
    if os.environ.get("ATOM_TEST_DATABASE") == suffix:  # a process that a test started
        return
    if not as_served and _HOME not in os.environ:
        os.environ["ATOM_STATE_DIR"] = _suites_state_dir()
        fast_files.use_for_temporary_files()
        os.environ[THROWAWAY_FLAG] = "1"
    environment.load()
    os.environ.pop(THROWAWAY_FLAG, None)  # for these servers, not for those that a test starts
    name = f"test_atom_{suffix}"
    for variable in ("POSTGRES_DSN", "POSTGRES_ADMIN_DSN"):
        os.environ[variable] = psycopg.conninfo.make_conninfo(os.environ[variable], dbname=name)
        os.environ[variable] = _as_url(os.environ[variable])
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + f"/{_redis_number(suffix)}"
    os.environ["ATOM_STATE_DIR"] = _state_dir(suffix)
    os.environ["LOG_DIR"] = os.path.join(os.environ["ATOM_STATE_DIR"], "logs")  # never the machine's own
    os.environ["ATOM_TEST_DATABASE"] = suffix


def recreate() -> None:
    """Make the suite's database anew, without what an earlier run left on the cluster."""
    admin = os.environ["POSTGRES_ADMIN_DSN"]
    name = str(psycopg.conninfo.conninfo_to_dict(admin)["dbname"])
    home = psycopg.conninfo.make_conninfo(admin, dbname="atom")
    with psycopg.connect(home, autocommit=True) as connection:
        _drop_leftovers(connection, name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _drop_leftovers(connection: psycopg.Connection, name: str) -> None:
    """Roles and studio databases of the tenants that an earlier run left."""
    present = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if not present:
        return
    with psycopg.connect(str(connection.info.dsn), dbname=name, password=connection.info.password) as old:
        try:
            rows = old.execute("SELECT replace(id::text, '-', ''), role_name FROM public.tenancy_tenant").fetchall()
        except psycopg.errors.UndefinedTable:
            rows = []  # a run that ended before its first migration
    for tenant_hex, _ in rows:
        for (database,) in connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"%{tenant_hex}%"]
        ).fetchall():
            _drop_database(connection, database)
    _drop_database(connection, name)
    for tenant_hex, _ in rows:
        for (role,) in connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"%{tenant_hex}%"]
        ).fetchall():
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def _drop_database(connection: psycopg.Connection, name: str) -> None:
    """Drop it once its last session has gone: processes that a test killed may take a moment to be noticed."""
    deadline = time.monotonic() + 20
    while True:
        try:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _as_url(conninfo: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    place = f"host={parts.get('host', '127.0.0.1')}&port={parts.get('port', 5432)}"
    return f"postgresql://{parts['user']}:{parts['password']}@/{parts['dbname']}?{place}"


def _redis_number(suffix: str) -> int:
    return 1 + zlib.crc32(suffix.encode()) % 15


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Roles are cluster-wide: suites that start together set up one after the other."""
    with open(os.path.join(os.environ[_HOME], "suites.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _suites_state_dir() -> str:
    product = places.state_dir()
    home = product / places.SUITES
    if home.is_symlink() or (not home.exists() and fast_files.has_room()):
        _link(home, fast_files.folder(home))
    home.mkdir(mode=0o711, exist_ok=True)
    (product / "cache").mkdir(mode=0o700, exist_ok=True)
    _link(home / "cache", product / "cache")  # compiled code is the same for all
    return str(home)


def _state_dir(suffix: str) -> str:
    home = Path(os.environ.setdefault(_HOME, os.environ["ATOM_STATE_DIR"]))  # a worker's parent has its own already
    folder = home / f"test-{suffix}"
    folder.mkdir(exist_ok=True)
    _link(folder / "cache", home / "cache")
    return str(folder)


def _link(place: Path, to: Path) -> None:
    """Suites that start at the same moment make the same links."""
    with suppress(FileExistsError):
        place.symlink_to(to)
