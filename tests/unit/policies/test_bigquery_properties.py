"""What holds for any text: a verdict, a second look that changes nothing, and no comment in what runs."""

from hypothesis import given, settings

from apps.policies.contracts import Dialect, Purpose
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import review
from apps.policies.engine.scan import Kind, pieces
from apps.policies.engine.statement import Context
from tests.support.sql_texts import queries, texts

CONTEXT = Context(Dialect.BIGQUERY, Purpose.READ, Limits())
bounded = settings(max_examples=120)


@bounded
@given(texts)
def test_every_text_gets_a_verdict(text: str) -> None:
    result = review(text, CONTEXT)
    assert result.blocked or result.sql


@bounded
@given(queries)
def test_what_was_let_through_is_let_through_unchanged(text: str) -> None:
    result = review(text, CONTEXT)
    if not result.blocked:
        again = review(result.sql, CONTEXT)
        assert not again.blocked, (result.sql, again.findings)
        assert not again.rewritten, (result.sql, again.findings)
        assert again.sql == result.sql


@bounded
@given(texts)
def test_what_runs_holds_no_comment(text: str) -> None:
    result = review(text, CONTEXT)
    assert all(kind is not Kind.COMMENT for kind, _, _ in pieces(result.sql, Dialect.BIGQUERY))
