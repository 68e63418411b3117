"""kill -9 of servers and guardians: everything comes back, nothing is lost, stale files do not matter."""

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from atom_project.runtime.embedded import Servers
from tests.integration.runtime.installation import Installation, close, eventually

pytestmark = pytest.mark.faults


def _count(servers: Servers) -> int:
    with psycopg.connect(servers.postgres_admin_dsn or "") as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row
    return int(row[0])


def _fill(servers: Servers) -> None:
    with psycopg.connect(servers.postgres_admin_dsn or "") as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
    with redis.Redis.from_url(servers.redis_url or "") as client:
        client.mset({str(number): number for number in range(1000)})


def _answers(servers: Servers) -> bool:
    try:
        return _count(servers) == 1000
    except psycopg.OperationalError:
        return False


def _redis_keeps(servers: Servers) -> bool:
    try:
        with redis.Redis.from_url(servers.redis_url or "") as client:
            return bool(client.dbsize() == 1000)
    except redis.ConnectionError:
        return False


def test_killed_servers_come_back_on_the_same_ports_with_their_data(fresh_installation: Installation) -> None:
    _, servers = fresh_installation.user()
    _fill(servers)
    before = {part: fresh_installation.status(part).pid for part in ("postgres", "redis")}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: _answers(servers) and _redis_keeps(servers), within=30)
    eventually(lambda: fresh_installation.status("postgres").pid != before["postgres"], within=5)
    eventually(lambda: fresh_installation.status("redis").pid != before["redis"], within=5)


def test_a_killed_guardian_takes_its_server_along_and_the_next_user_starts_anew(
    fresh_installation: Installation,
) -> None:
    process, servers = fresh_installation.user()
    _fill(servers)
    for part in ("postgres", "redis"):
        os.kill(fresh_installation.status(part).guardian, signal.SIGKILL)
    close(process)
    eventually(lambda: not fresh_installation.processes(), within=20)
    _, again = fresh_installation.user()
    assert _answers(again)
    assert _redis_keeps(again)


def test_everything_killed_at_once_recovers(fresh_installation: Installation) -> None:
    _, servers = fresh_installation.user()
    _fill(servers)
    for process in fresh_installation.processes():
        with suppress(psutil.NoSuchProcess):  # another one's end took it along
            process.kill()
    _, again = fresh_installation.user()
    assert _answers(again)
    assert _redis_keeps(again)


def test_a_pid_file_that_names_a_living_stranger_does_not_stop_the_start(fresh_installation: Installation) -> None:
    process, servers = fresh_installation.user("release")
    _fill(servers)
    close(process)
    stale: Path = fresh_installation.state / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n0\n5432\n\n127.0.0.1\n")
    _, again = fresh_installation.user()
    assert _answers(again)


def test_a_port_that_was_taken_meanwhile_is_replaced(fresh_installation: Installation) -> None:
    process, servers = fresh_installation.user("release")
    _fill(servers)
    port = int(psycopg.conninfo.conninfo_to_dict(servers.postgres_dsn or "")["port"] or 0)
    close(process)
    with socket.create_server(("127.0.0.1", port)):
        _, again = fresh_installation.user()
        assert again.postgres_dsn != servers.postgres_dsn
        assert _answers(again)
