"""What the safety rules cost beside the parsers they stand on, per dialect, over two hundred everyday queries each.

Floors of the same run: BigQuery parse + generate + parse again (sqlglot); Postgres libpg_query's parse + sqlglot's.
The second BigQuery reader and lineage are not counted. Each query is measured several times, floor and decision in
turn, and stands for its fastest run, in processor time: neither side waits for anything, and a busy machine does not
blur the ratio. A decision on an identical statement comes from the cache.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pgparse
import sqlglot

from apps.core.actor import Actor
from apps.policies.contracts import Dialect, ExecutionRequest, Purpose, TargetKind
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import review
from apps.policies.engine.statement import Context
from apps.policies.services import reviews
from tests.benchmarks.report import Report, median_ms

CORPUS = Path(__file__).parents[1] / "corpora" / "safety"
RUNS = 7


def run(report: Report) -> None:
    """Both dialects."""
    _dialect(report, Dialect.BIGQUERY, _bigquery_floor)
    _dialect(report, Dialect.POSTGRES, _postgres_floor)


def _bigquery_floor(sql: str) -> None:
    text = sqlglot.parse_one(sql, read="bigquery").sql("bigquery", comments=False)
    sqlglot.parse_one(text, read="bigquery")


def _postgres_floor(sql: str) -> None:
    pgparse.parse(sql)
    sqlglot.parse(sql, read="postgres")


def _dialect(report: Report, dialect: Dialect, floor: Callable[[str], None]) -> None:
    queries = (CORPUS / f"{dialect.value}.sql").read_text().splitlines()[1:]
    assert len(queries) >= 200, len(queries)
    context = Context(dialect, Purpose.READ, Limits())
    assert not [sql for sql in queries if review(sql, context).blocked], "a plain query is blocked"
    floors = [float("inf")] * len(queries)
    ours = [float("inf")] * len(queries)
    for _ in range(RUNS):
        for place, sql in enumerate(queries):
            floors[place] = min(floors[place], _took(lambda sql=sql: floor(sql)))
            ours[place] = min(ours[place], _took(lambda sql=sql: review(sql, context)))
    name = f"{dialect.value}, {len(queries)} queries"
    report.ratio(
        f"a safety decision / its parsers, median ({name})", *map(statistics.median, (ours, floors)), limit=1.5
    )
    report.figure(f"a safety decision, 99th percentile ({name})", _percentile(ours, 0.99), "ms", limit=10)
    report.figure(f"a remembered decision ({name})", _remembered(queries[0], context), "ms", limit=0.1)


def _took(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _remembered(sql: str, context: Context) -> float:
    request = ExecutionRequest(
        actor=Actor.system(None), connector=context.dialect.value, dialect=context.dialect, sql=sql,
        purpose=Purpose.READ, datasource_id=uuid4(), target=TargetKind.SANDBOX,
    )  # fmt: skip
    return median_ms(lambda: reviews.review(request, context), runs=500)
