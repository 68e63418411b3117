"""A tenant's DuckDB sees the tenant's own folder and nothing else, even if SQL came past the gate and the compiler."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from apps.core import tenant
from apps.core.actor import Actor
from apps.core.errors import AtomError, QueryTimeout
from apps.core.tenant import TenantRef
from apps.datasources.connectors.sandbox import files
from apps.datasources.connectors.sandbox.connector import _single_select
from apps.datasources.connectors.sandbox.duck import Bounds, open_locked
from apps.datasources.connectors.sandbox.pool import Pool
from apps.datasources.connectors.sandbox.watchdog import Watchdog
from apps.datasources.engine.demo.tables import Scale
from apps.datasources.services import demo, execution, registry

SMALL = Scale(users=50, events=400, orders=200, subscriptions=20)


@pytest.fixture(scope="module")
def shops(world: dict[str, TenantRef]) -> dict[str, TenantRef]:
    """Both tenants with a small demo company."""
    for ref in world.values():
        demo.load_demo(ref, scale=SMALL)
    return world


@pytest.fixture
def locked(shops: dict[str, TenantRef]) -> Iterator[duckdb.DuckDBPyConnection]:
    """What acme's queries run on."""
    acme = shops["acme"]
    connection = open_locked([files.folder_of(acme.id)], spill=files.spill_of(acme.id))
    yield connection
    connection.close()


def foreign_file(shops: dict[str, TenantRef]) -> Path:
    return next(files.folder_of(shops["globex"].id).rglob("*.parquet"))


ATTEMPTS = [
    "SELECT * FROM read_parquet('{foreign}')",
    "SELECT * FROM read_parquet('{own}/../{globex}/**/*.parquet')",
    "SELECT * FROM parquet_metadata('{foreign}')",
    "SELECT * FROM '{foreign}'",
    "SELECT * FROM glob('{root}/*')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_json('/proc/self/environ')",
    "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM read_csv('https://example.com/x.csv')",
    "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "ATTACH '/tmp/x.db'",
    "ATTACH '{foreign}'",
    "COPY (SELECT 1) TO '/tmp/owned.csv'",
    "COPY (SELECT 1) TO '{root}/owned.parquet'",
    "EXPORT DATABASE '/tmp/owned'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '/tmp/evil.duckdb_extension'",
    "SELECT getenv('HOME')",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET memory_limit = '100GB'",
    "SET threads = 64",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "PRAGMA enable_external_access = true",
    "SET temp_directory = '/tmp'",
    "CREATE SECRET x (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "SELECT * FROM duckdb_secrets()",
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_reaches_outside_the_tenants_folder(
    attempt: str, locked: duckdb.DuckDBPyConnection, shops: dict[str, TenantRef]
) -> None:
    text = attempt.format(
        foreign=foreign_file(shops), own=files.folder_of(shops["acme"].id), globex=shops["globex"].id,
        root=files.folder_of(shops["acme"].id).parent,
    )  # fmt: skip
    with pytest.raises(duckdb.Error):
        locked.cursor().execute(text).fetchall()


def test_its_own_files_can_be_read(locked: duckdb.DuckDBPyConnection, shops: dict[str, TenantRef]) -> None:
    own = next(files.folder_of(shops["acme"].id).rglob("*.parquet"))
    row = locked.cursor().execute(f"SELECT count(*) FROM read_parquet('{own}')").fetchone()
    assert row is not None
    assert row[0] > 0


@pytest.mark.parametrize(
    "text", ["COPY (SELECT 1) TO 'x'", "ATTACH 'x'", "SELECT 1; SELECT 2", "CREATE TABLE x AS SELECT 1"]
)
def test_the_connector_gives_duckdb_one_select_and_nothing_else(text: str) -> None:
    with pytest.raises(AtomError):
        _single_select(text)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_parquet('{foreign}')",
        "SELECT * FROM `{foreign}`",
        "SELECT * FROM read_csv('/etc/passwd')",
        "ATTACH '/tmp/x.db'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "INSTALL httpfs",
        "PRAGMA database_list",
        "SELECT getenv('HOME')",
        "SELECT * FROM globex.orders",
        "SELECT 1; DROP TABLE shop.orders",
    ],
)
def test_nothing_of_it_passes_the_front_door(sql: str, alice: Actor, shops: dict[str, TenantRef]) -> None:
    with tenant.entered(shops["acme"]):
        source = _source(alice)
        with pytest.raises(AtomError) as refused:
            execution.run(alice, source, sql.format(foreign=foreign_file(shops)))
    assert refused.value.status in {400, 422}


def _source(actor: Actor):  # type: ignore[no-untyped-def]
    from apps.datasources.models import Datasource  # noqa: PLC0415 - after Django's set-up

    found = Datasource.objects.filter(name="Lock-in").first()
    return (found or registry.connect(actor, name="Lock-in", type_name="sandbox", config={})[0]).id


def test_memory_is_bounded_and_a_spill_stays_in_its_folder(tmp_path: Path) -> None:
    connection = open_locked([tmp_path], bounds=Bounds(memory_mb=64, threads=1, spill_mb=16), spill=tmp_path / "spill")
    with pytest.raises(duckdb.OutOfMemoryException):
        connection.execute("SELECT list(i) FROM range(100000000) t(i)").fetchall()
    connection.close()


def test_a_statement_is_stopped_at_its_deadline(tmp_path: Path) -> None:
    connection = open_locked([tmp_path])
    dog = Watchdog()
    with dog.watching(connection, 0.2, "job") as watch, pytest.raises(duckdb.InterruptException):
        connection.execute(
            "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
        ).fetchall()
    assert watch.expired
    connection.close()


def test_a_statement_can_be_cancelled_by_its_job(tmp_path: Path) -> None:
    connection = open_locked([tmp_path])
    dog = Watchdog()
    with dog.watching(connection, 30, "job") as watch:
        threading.Timer(0.2, lambda: dog.cancel("job")).start()
        with pytest.raises(duckdb.InterruptException):
            connection.execute(
                "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
            ).fetchall()
    assert watch.cancelled
    connection.close()


def test_ordered_faults_come_at_their_call(alice: Actor, shops: dict[str, TenantRef]) -> None:
    with tenant.entered(shops["acme"]):
        config = {"mock": {"faults": [{"on": "execute", "nth": 1, "code": "TIMEOUT"}]}}
        source, _ = registry.connect(alice, name="Faulty", type_name="sandbox", config=config)
        with pytest.raises(QueryTimeout):
            execution.run(alice, source.id, "SELECT 1")
        assert execution.run(alice, source.id, "SELECT 1").rows == [(1,)]


def test_the_least_used_connection_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.datasources.connectors.sandbox.pool.MAX_CONNECTIONS", 2)
    from uuid import uuid4  # noqa: PLC0415

    pool, ids = Pool(), [uuid4() for _ in range(3)]
    for each in ids:
        with pool.cursor(each, tmp_path / str(each), tmp_path / "spill") as cursor:
            assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    assert len(pool) == 2
    pool.close()


def test_a_forked_child_does_not_use_its_parents_connections() -> None:
    code = (
        "import os, sys, uuid, pathlib, tempfile\n"
        "from apps.datasources.connectors.sandbox.pool import pool\n"
        "folder = pathlib.Path(tempfile.mkdtemp())\n"
        "with pool.cursor(uuid.uuid4(), folder, folder / 's') as c: c.execute('SELECT 1').fetchall()\n"
        "pid = os.fork()\n"
        "if pid == 0: os._exit(len(pool))\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
