"""The corpus that `gate_selfcheck` runs comes out as it says: a changed verdict shows before an installation."""

import pytest

from apps.policies.contracts import Dialect, Purpose, TargetKind
from apps.policies.engine import safety
from apps.policies.engine.limits import Limits
from apps.policies.engine.statement import Context
from apps.policies.services import codeversion, gatechecks

TARGETS = {Dialect.BIGQUERY: TargetKind.LIVE_WAREHOUSE, Dialect.POSTGRES: TargetKind.EXTERNAL_POSTGRES}


@pytest.mark.parametrize("dialect", list(Dialect))
def test_every_shipped_statement_comes_out_as_it_must(dialect: Dialect) -> None:
    """Without BigQuery's second reader, which takes ten seconds to load; the self-check itself has it."""
    context = Context(dialect, Purpose.READ, Limits(), target=TARGETS[dialect])
    cases = list(gatechecks.cases(dialect))
    wrong = [case["id"] for case in cases if safety.review(case["sql"], context).blocked != (case["expect"] == "block")]
    assert wrong == []
    assert {case["expect"] for case in cases} == {"block", "run"}
    assert len({case["id"] for case in cases}) == len(cases) >= 50


def test_the_code_version_covers_the_gate_what_runs_behind_it_and_the_corpus() -> None:
    names = {file.as_posix().split("/apps/")[1] for file in codeversion._files()}
    for name in (
        "policies/services/gate.py", "policies/engine/safety.py", "policies/selfcheck/postgres.jsonl",
        "policies/services/secrets.py", "datasources/services/execution.py", "core/redaction.py",
        "datasources/connectors/postgres/connector.py", "audit/services/trail.py",
    ):  # fmt: skip
        assert name in names
    assert len(codeversion.current()) == 64
