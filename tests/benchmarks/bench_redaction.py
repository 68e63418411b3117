"""Redaction of 100 000 rows against fetching them: from the sandbox warehouse and from Postgres; tracing by itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import psycopg

from apps.datasources.connectors.postgres.values import plain_values
from apps.datasources.connectors.sandbox import connector as sandbox
from apps.datasources.contracts import ResultColumn, ResultSet
from apps.datasources.engine import redaction
from apps.policies.engine.pii.tracing.marks import Column, Mark, Relation
from apps.policies.engine.pii.tracing.statement import traced
from apps.policies.enums import Dialect
from atom_project.config import config
from tests.benchmarks.report import Report, median_ms

ROWS = 100_000
COLUMNS = ("id", "email", "phone", "name", "country", "created_at", "amount", "score")
SQL = f"""SELECT n AS id, 'person' || n || '@mail.example' AS email, '+49 151 ' || (10000000 + n) AS phone,
  'Person ' || n AS name, 'DE' AS country, timestamp '2026-01-01' + n * interval '1 minute' AS created_at,
  n * 1.5 AS amount, n % 100 AS score FROM generate_series(1, {ROWS}) g(n)"""
PLACES = {1: "email", 2: "phone", 3: "person_name"}
EMAIL = Relation((Column("id"), Column("email", frozenset({Mark("users.email", "email")})), Column("country")))
STATEMENT = """WITH recent AS (SELECT id, email, country FROM users WHERE country = 'DE')
SELECT r.country, COUNT(*) AS n, MAX(r.email) AS last FROM recent AS r JOIN users AS u ON u.id = r.id
GROUP BY r.country ORDER BY n DESC LIMIT 10"""


def run(report: Report) -> None:
    """All figures of redaction."""
    for name, fetch in (("DuckDB through Arrow", _duck), ("Postgres", _postgres)):
        with fetch() as fetched:
            floor = median_ms(fetched, runs=5, warm_up=1)
            rows = fetched()
            result = ResultSet(tuple(ResultColumn(column, "STRING") for column in COLUMNS), rows)
            ours = median_ms(lambda result=result: redaction.redacted(result, PLACES), runs=9, warm_up=1)
            assert redaction.redacted(result, PLACES).rows[5][1] == "[REDACTED:email]"
        report.ratio(f"fetch and redact {ROWS} rows / fetch ({name})", floor + ours, floor, limit=1.2)
    for dialect in Dialect:
        took = median_ms(lambda dialect=dialect: traced(STATEMENT, dialect, lambda _path: EMAIL), runs=200, warm_up=10)
        report.figure(f"tracing a join over a named query ({dialect})", took, "ms")


@contextmanager
def _duck() -> Iterator[Callable[[], list[tuple[Any, ...]]]]:
    """As the sandbox fetches: Arrow batches, then Python values."""
    with duckdb.connect(":memory:") as connection:

        def fetch() -> list[tuple[Any, ...]]:
            batches, _ = sandbox._bounded(connection.sql(SQL).to_arrow_reader(10_000), ROWS)
            return sandbox._as_rows(batches, ["STRING"] * len(COLUMNS))

        yield fetch


@contextmanager
def _postgres() -> Iterator[Callable[[], list[tuple[Any, ...]]]]:
    """As the studio fetches: every value as Postgres prints it."""
    with psycopg.connect(config.postgres_dsn.get_secret_value()) as connection:
        plain_values(connection)
        yield lambda: connection.execute(SQL).fetchall()
