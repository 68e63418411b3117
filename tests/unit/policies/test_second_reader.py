"""Google's own grammar agrees with the first reader about every read of the corpus, and refuses what is no query."""

from pathlib import Path

import pytest

from apps.policies.connectors.second_reader import ZetaSqlReader
from apps.policies.contracts import Dialect, Outcome, Purpose
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import review
from apps.policies.engine.statement import Context
from atom_project.config import config

READS = Path(__file__).parents[2] / "corpora" / "sql" / "bigquery_reads.sql"
NO_QUERIES = [
    "DROP TABLE t",
    "SELECT 1; SELECT 2",
    "ASSERT 1 = 1",
    "BEGIN SELECT 1; END",
    "EXECUTE IMMEDIATE 'x'",
    "SELECT (",
]


@pytest.fixture(scope="module")
def zetasql() -> ZetaSqlReader:
    """Compiling the module takes a while, once."""
    return ZetaSqlReader()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_both_readers_agree_about_reads(zetasql: ZetaSqlReader) -> None:
    context = Context(Dialect.BIGQUERY, Purpose.READ, Limits())
    for case in READS.read_text().split("\n---\n"):
        sql = case.partition("\n")[2].replace("{nbsp}", "\u00a0").rstrip("\n")
        if sql == "(SELECT 1) AS q":  # accepted as the query it names; BigQuery itself wants it without the name
            continue
        result = review(sql, context, second=zetasql)
        assert not result.blocked, (sql, [finding for finding in result.findings if finding.outcome is Outcome.BLOCK])


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_what_is_no_single_query_is_none_to_the_second_reader(zetasql: ZetaSqlReader) -> None:
    for sql in NO_QUERIES:
        assert not zetasql.read(sql).is_query, sql


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_what_was_compiled_is_kept_for_the_next_process_and_is_nobody_elses(zetasql: ZetaSqlReader) -> None:
    folder = config.state_dir / "cache" / "wasm"
    assert [path for path in (folder / "modules").rglob("*") if path.is_file() and path.stat().st_size > 1_000_000]
    assert folder.stat().st_mode & 0o077 == 0
