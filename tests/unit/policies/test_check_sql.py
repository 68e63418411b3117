"""`manage.py check_sql`: a decision for every line, in order, whatever the line holds."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from apps.policies.contracts import Dialect, StatementKind
from apps.policies.engine.limits import Limits
from apps.policies.services import checks
from apps.policies.services.check_lines import Line, Workers, in_this_process

ROOT = Path(__file__).parents[3]
NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/nothing"


def run(*options: str, given: bytes) -> list[dict[str, Any]]:
    """The command as a person runs it, with no database and no Redis in reach."""
    environment = os.environ | {
        "POSTGRES_DSN": NOWHERE, "POSTGRES_ADMIN_DSN": NOWHERE, "REDIS_URL": "redis://127.0.0.1:1/0"
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "check_sql", *options], cwd=ROOT, env=environment, input=given,
        capture_output=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line_gets_its_decision_in_order() -> None:
    lines = [
        b'{"id": "one", "sql": "SELECT 1"}',
        b"not JSON",
        b"",
        b'{"id": 7, "sql": "SELECT 1; DROP TABLE x"}',
        b'{"id": "latin", "sql": "SELECT \'\xff\'"}',
        b'{"id": "half", "sql": "SELECT \'\\ud800\'"}',
        b'{"id": "nul", "sql": "SELECT \'\\u0000\'"}',
        b'{"id": "no text"}',
        b"[" * 100_000,
        *(b'{"id": %d, "sql": "SELECT %d"}' % (number, number) for number in range(250)),
    ]
    answers = run("--dialect", "postgres", "--jsonl", "--jobs", "2", given=b"\n".join(lines))
    assert [answer["id"] for answer in answers] == [
        "one", 2, 7, "latin", "half", "nul", "no text", 9, *range(250)
    ]  # fmt: skip
    assert [answer["decision"] for answer in answers] == ["allow", *["block"] * 7, *["allow"] * 250]
    assert answers[0]["final_sql"] == "SELECT 1"
    assert (answers[2]["kind"], answers[2]["rules"][0]["id"]) == ("multiple", "single_statement")
    assert set(answers[2]["rules"][0]) == {"id", "outcome", "message", "remedy", "line", "col"}


def test_without_jsonl_the_whole_input_is_one_statement() -> None:
    (answer,) = run("--dialect", "bigquery", given=b"SELECT *\nFROM d.orders\n")
    assert (answer["decision"], answer["final_sql"]) == ("rewrite", "SELECT * FROM d.orders LIMIT 10000")


def test_a_worker_that_dies_loses_no_line() -> None:
    lines = [Line(number, b'{"sql": "SELECT 1"}') for number in range(40)]
    with Workers(Dialect.POSTGRES, 2) as workers:
        answers = [*workers.put(lines[:20]), *workers.drain()]
        for pid in list(workers._pool._processes):
            os.kill(pid, signal.SIGKILL)
        answers += [*workers.put(lines[20:]), *workers.drain()]
    assert [json.loads(answer)["id"] for answer in answers] == list(range(40))


def test_a_line_too_long_to_keep_is_refused() -> None:
    (answer,) = in_this_process([Line(3, None)], Dialect.POSTGRES)
    assert json.loads(answer)["rules"][0]["id"] == "length"


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", "select"), ("TABLE t", "select"), ("VALUES (1)", "select"), ("INSERT INTO t VALUES (1)", "insert"),
        ("WITH g AS (DELETE FROM t RETURNING *) SELECT * FROM g", "delete"), ("TRUNCATE t", "truncate"),
        ("CREATE VIEW v AS SELECT 1", "ddl"), ("COMMENT ON TABLE t IS ''", "ddl"), ("GRANT ALL ON t TO x", "grant"),
        ("CREATE ROLE x", "role"), ("DO $$BEGIN END$$", "script"), ("CALL p()", "call"), ("COPY t TO STDOUT", "copy"),
        ("EXPLAIN SELECT 1", "explain"), ("COMMIT", "transaction"), ("SET x = 1", "setting"), ("LOCK t", "lock"),
        ("LISTEN x", "notify"), ("EXECUTE p", "prepared"), ("FETCH c", "cursor"), ("VACUUM", "maintenance"),
        ("SELECT 1; SELECT 2", "multiple"), ("-- nothing", "empty"), ("SELEC", "unreadable"), ("", "empty"),
    ],
)  # fmt: skip
def test_the_kind_of_a_postgres_statement(sql: str, kind: str) -> None:
    assert checks.check(sql, Dialect.POSTGRES, Limits()).kind is StatementKind(kind)
