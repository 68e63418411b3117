"""The embedded PostgreSQL and Redis: who may enter, who shares them, when they end."""

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from atom_project.runtime import keys, places
from atom_project.runtime.embedded import Servers
from tests.integration.runtime.installation import Installation, close, eventually


@pytest.fixture(scope="module")
def servers(installation: Installation) -> Iterator[Servers]:
    process, found = installation.user()
    yield found
    close(process)


def _dsn(dsn: str | None, **changes: str) -> str:
    assert dsn
    return psycopg.conninfo.make_conninfo(dsn, **changes)


def _value(dsn: str | None, query: str) -> object:
    with psycopg.connect(_dsn(dsn)) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        assert row
        return row[0]


def test_both_roles_and_redis_answer(servers: Servers) -> None:
    assert _value(servers.postgres_dsn, "SELECT 1") == 1
    assert _value(servers.postgres_admin_dsn, "SELECT 1") == 1
    with redis.Redis.from_url(servers.redis_url or "") as client:
        assert client.ping()


def test_it_is_postgresql_18_with_durable_commits(servers: Servers) -> None:
    assert int(str(_value(servers.postgres_dsn, "SHOW server_version_num"))) >= 180000
    for name, value in {"fsync": "on", "synchronous_commit": "on", "jit": "off", "max_connections": "200"}.items():
        assert _value(servers.postgres_dsn, f"SHOW {name}") == value


@pytest.mark.parametrize("host", ["127.0.0.1", "socket"])
def test_nobody_enters_without_the_password(servers: Servers, installation: Installation, host: str) -> None:
    place = str(installation.state / "postgres") if host == "socket" else host
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(_dsn(servers.postgres_superuser_dsn, host=place, password="wrong"))


def test_redis_asks_for_its_password(servers: Servers) -> None:
    address = (servers.redis_url or "").split("@")[1]
    with redis.Redis.from_url(f"redis://{address}") as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_the_owner_may_make_databases_and_roles_and_is_no_superuser(servers: Servers) -> None:
    query = "SELECT (rolcreatedb, rolcreaterole, rolsuper, rolbypassrls)::text FROM pg_roles WHERE rolname = user"
    assert _value(servers.postgres_admin_dsn, query) == "(t,t,f,f)"


def test_the_runtime_role_inherits_nothing_and_owns_nothing(servers: Servers) -> None:
    query = "SELECT (rolinherit, rolcreatedb, rolcreaterole, rolsuper)::text FROM pg_roles WHERE rolname = user"
    assert _value(servers.postgres_dsn, query) == "(f,f,f,f)"
    with psycopg.connect(_dsn(servers.postgres_dsn)) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.t ()")
        connection.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TEMPORARY TABLE t ()")


def test_public_may_connect_to_no_database(servers: Servers) -> None:
    query = """SELECT count(*) FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS grant_
               WHERE grantee = 0 AND datallowconn"""
    assert _value(servers.postgres_superuser_dsn, query) == 0


def test_keys_are_readable_by_their_owner_alone_and_stay_the_same(installation: Installation, servers: Servers) -> None:
    first = keys.load(installation.state)
    assert keys.load(installation.state) == first
    for name in (keys.FILE_NAME, keys.DEMO_FILE_NAME):
        assert stat.S_IMODE((installation.state / name).stat().st_mode) == 0o600
    for name in ("postgres", "redis", "run"):
        assert stat.S_IMODE((installation.state / name).stat().st_mode) == 0o700


def test_no_password_stands_in_an_argument_list(installation: Installation, servers: Servers) -> None:
    known = keys.load(installation.state)
    secret = {known.postgres_superuser, known.postgres_owner, known.postgres_app, known.redis}
    lines = [" ".join(process.cmdline()) for process in installation.processes()]
    assert len(lines) >= 4
    assert not [line for line in lines for word in secret if word in line]


def test_a_second_user_finds_the_servers_of_the_first(installation: Installation, servers: Servers) -> None:
    before = [installation.status(part).pid for part in ("postgres", "redis")]
    process, found = installation.user()
    assert found == servers
    close(process)
    assert [installation.status(part).pid for part in ("postgres", "redis")] == before
    assert _value(servers.postgres_dsn, "SELECT 1") == 1


def test_two_first_users_at_once_share_one_pair_of_servers(fresh_installation: Installation) -> None:
    with ThreadPoolExecutor() as pool:
        users = list(pool.map(lambda _: fresh_installation.user(), range(3)))
    assert len({found for _, found in users}) == 1
    assert _value(users[0][1].postgres_dsn, "SELECT 1") == 1


def test_the_servers_end_with_their_last_user_and_keep_their_data(fresh_installation: Installation) -> None:
    process, found = fresh_installation.user("release")
    with psycopg.connect(_dsn(found.postgres_admin_dsn)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    with redis.Redis.from_url(found.redis_url or "") as client:
        client.set("kept", "42")
    close(process)
    assert fresh_installation.processes() == []
    _, again = fresh_installation.user()
    assert _value(again.postgres_admin_dsn, "SELECT value FROM kept") == 42
    with redis.Redis.from_url(again.redis_url or "") as client:
        assert client.get("kept") == b"42"


def test_servers_of_a_user_that_was_killed_end_by_themselves(fresh_installation: Installation) -> None:
    process, _ = fresh_installation.user()
    process.kill()
    process.communicate()
    eventually(lambda: not fresh_installation.processes(), within=30)


def test_pinned_servers_stay_without_a_user_until_they_are_taken_down(fresh_installation: Installation) -> None:
    for command, left in (("up", True), ("down", False)):
        done = fresh_installation.python("-m", "atom_project.runtime", command)
        output, errors = done.communicate(timeout=60)
        assert done.returncode == 0, output + errors
        assert bool(fresh_installation.processes()) is left


def test_an_installation_is_removed_with_what_its_suites_keep_elsewhere_and_nothing_of_others(tmp_path: Path) -> None:
    installation, elsewhere, link = Installation(tmp_path / "state"), tmp_path / "elsewhere", places.CHECKOUT / ".atom"
    elsewhere.mkdir()
    installation.state.mkdir()
    (installation.state / places.SUITES).symlink_to(elsewhere)
    before = os.path.lexists(link)
    removing = installation.python("-m", "atom_project.runtime", "forget", "--yes")
    _, errors = removing.communicate(timeout=60)
    assert removing.returncode == 0, errors
    assert not installation.state.exists()
    assert not elsewhere.exists()
    assert os.path.lexists(link) == before


def test_nothing_is_removed_while_a_suite_runs_on_it(installation: Installation) -> None:
    """The servers of the suites lie inside the installation's folder."""
    suites = Installation(installation.state / places.SUITES)
    suites.state.mkdir(parents=True, mode=0o711)
    process, _ = suites.user()
    try:
        refused = installation.python("-m", "atom_project.runtime", "forget", "--yes")
        _, said = refused.communicate(timeout=60)
        assert refused.returncode != 0
        assert "of the tests still in use" in said
        assert (suites.state / "postgres").exists()
    finally:
        close(process)
        suites.end()
