"""A pooler that shares sessions between transactions is noticed before anything is served, and refused."""

import os
import subprocess
import sys

import psycopg
import pytest

from apps.core.db.pooler import SharedSessionsError, refuse_shared_sessions
from tests.support.shared_sessions import Pooler

DSN = os.environ["POSTGRES_DSN"]


def test_postgres_itself_is_accepted() -> None:
    refuse_shared_sessions(DSN)


def test_a_proxy_that_keeps_sessions_is_accepted() -> None:
    with Pooler(DSN, size=2, shared=False) as proxy:
        refuse_shared_sessions(proxy.dsn)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_pooler_in_transaction_mode_is_refused(size: int) -> None:
    with Pooler(DSN, size=size) as pooler, pytest.raises(SharedSessionsError, match="session mode"):
        refuse_shared_sessions(pooler.dsn)


def test_such_a_pooler_would_indeed_mix_sessions() -> None:
    with Pooler(DSN, size=1) as pooler, psycopg.connect(pooler.dsn, autocommit=True) as one:
        one.execute("SELECT set_config('atom.probe', 'mine', false)")
        with psycopg.connect(pooler.dsn, autocommit=True) as other:
            assert other.execute("SELECT current_setting('atom.probe', true)").fetchone() == ("mine",)


@pytest.mark.parametrize("module", ["atom_project.asgi", "celery_app.beat"])
def test_no_process_begins_behind_one(module: str) -> None:
    with Pooler(DSN, size=2) as pooler:
        user = psycopg.conninfo.conninfo_to_dict(pooler.dsn)
        address = f"postgresql://{user['user']}@127.0.0.1:{user['port']}/{user['dbname']}?sslmode=disable"
        done = subprocess.run(
            [sys.executable, "-c", f"import runpy; runpy.run_module({module!r}, run_name='__main__')"],
            env={**os.environ, "POSTGRES_DSN": address}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 78, done.stderr
    assert "session mode" in done.stderr
