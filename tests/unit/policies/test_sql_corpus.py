"""Every case of tests/corpora/sql comes out as its file says."""

import re
from pathlib import Path

import pytest

from apps.policies.contracts import Dialect, Outcome, Purpose
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import Review, review
from apps.policies.engine.statement import Context

CORPUS = Path(__file__).parents[2] / "corpora" / "sql"
CASE = re.compile(
    r"\A-- (?P<verdict>block|ask|allow|rewrite)(?: (?P<rule>[\w*]+))?: (?P<why>[^\n]+)\n(?P<sql>.*)\Z", re.DOTALL
)


def cases() -> list[object]:
    found = []
    for path in sorted(CORPUS.glob("*.sql")):
        for number, text in enumerate(path.read_text().split("\n---\n"), start=1):
            match = CASE.match(text)
            assert match, f"{path.name} case {number} has no verdict line"
            dialect = Dialect(path.name.partition("_")[0])
            name = f"{path.stem}-{number}-{match['why']}"
            found.append(pytest.param(dialect, match["verdict"], match["rule"] or "", written(match["sql"]), id=name))
    return found


def written(sql: str) -> str:
    sql = sql.replace("{nbsp}", "\u00a0").replace("{zwsp}", "\u200b").replace("{nul}", "\0")
    deep = re.search(r"\{deep (\d+)\}", sql)
    if deep:
        sql = "SELECT " + "(" * int(deep[1]) + "1" + ")" * int(deep[1])
    return sql.removesuffix("\n")


def verdict(result: Review) -> str:
    if result.blocked:
        return "block"
    if any(finding.outcome is Outcome.ASK for finding in result.findings):
        return "ask"
    return "rewrite" if result.rewritten else "allow"


@pytest.mark.parametrize(("dialect", "expected", "rule", "sql"), cases())
def test_the_verdict_is_the_one_in_the_file(dialect: Dialect, expected: str, rule: str, sql: str) -> None:
    result = review(sql, Context(dialect, Purpose.READ, Limits()))
    assert verdict(result) == expected, result.findings
    fired = {finding.rule for finding in result.findings if finding.outcome.value == expected}
    assert rule in {"", "*"} or rule in fired, result.findings
    assert review(sql, Context(dialect, Purpose.READ, Limits())) == result
    if dialect is Dialect.POSTGRES and expected == "allow":
        assert result.sql == sql


@pytest.mark.parametrize(("dialect", "expected", "rule", "sql"), cases())
def test_a_finding_that_blocks_says_what_and_never_echoes_literals(
    dialect: Dialect, expected: str, rule: str, sql: str
) -> None:
    result = review(sql, Context(dialect, Purpose.READ, Limits()))
    for finding in result.findings:
        assert finding.message.endswith("."), finding
        for literal in re.findall(r"'([^']{6,})'", sql):
            assert literal not in finding.message + finding.remedy
