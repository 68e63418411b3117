"""Texts made to break a reader: each gets a decision, and the guard sees what readers see."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgast import PgQueryError, pg_query_pb2, scan

from apps.policies.contracts import Dialect, Purpose
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import Review, review
from apps.policies.engine.scan import Kind, pieces
from apps.policies.engine.statement import Context

HOSTILE = {
    "nothing": "",
    "a megabyte": "SELECT " + "1," * 500_000 + "1",
    "many tokens": "SELECT " + ",".join("a" * 30_000),
    "ten thousand brackets": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "a chain of ORs": "SELECT 1 WHERE " + " OR ".join(["a = 1"] * 100_000),
    "a chain of NOTs": "SELECT " + "NOT " * 9_000 + "true",
    "deep CASE": "SELECT " + "CASE WHEN true THEN " * 1_500 + "1" + " END" * 1_500,
    "a chain of subscripts": "SELECT a" + "[1]" * 3_000 + " FROM t",
    "a chain of casts": "SELECT 1" + "::int" * 3_000,
    "half a character": "SELECT '\ud800'",
    "NUL": "SELECT 1 \0; DROP TABLE x",
    "a template behind a carriage return": "SELECT 1 --\r{{ x }}",
    "zero width": "SEL\u200bECT 1; DROP TABLE x",
    "homoglyphs": "\u0405ELECT 1",
    "full width": "\uff33\uff25\uff2c\uff25\uff23\uff34 1",
    "unclosed everything": "SELECT (([{'\"`$$/*",
    "nested comments": "SELECT 1 " + "/*" * 10_000,
    "a number too long for a machine": "SELECT 1 FROM t LIMIT x; " + "9" * 5_000,
    "quotes": "SELECT '" + "''" * 20_000,
    "dollars": "SELECT " + "$a$" * 20_001,
    "semicolons": ";" * 60_000,
}


def judged(text: str, dialect: Dialect) -> Review:
    return review(text, Context(dialect, Purpose.READ, Limits()))


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_blocked_and_crashes_nothing(name: str, dialect: Dialect) -> None:
    assert judged(HOSTILE[name], dialect).blocked


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_limit_beyond_any_number_gets_a_decision(dialect: Dialect) -> None:
    assert judged("SELECT 1 FROM t LIMIT " + "9" * 5_000, dialect) is not None


MARKS = "( ) [ ] { } ' \" ` $$ $a$ -- /* */ # \\ E' e' U&' B' x 1 1e5 0x1F 1_0 $1 :: ; , . * |> @@ ? é ::regrole r' '''"
WORDS = (
    "SELECT ", "select 1", " FROM t", "WITH a AS (", " UNION ALL ", " WHERE ", "delete from t", " ORDER BY ", " LIMIT ",
    "lower('a')", "\n", "\r", " ", "\u00a0",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from((*MARKS.split(), *WORDS)), max_size=14).map("".join)


@given(TEXTS | st.text(max_size=60))
@settings(max_examples=400)
def test_no_text_raises(text: str) -> None:
    for dialect in Dialect:
        judged(text, dialect)


KINDS = {"SQL_COMMENT": "c", "C_COMMENT": "c", "SCONST": "l", "USCONST": "l", "BCONST": "l", "XCONST": "l"}
TOKENS = {number: name for name, number in pg_query_pb2.Token.items()}


def as_postgres_sees(text: str) -> str | None:
    """A letter a character: comment, literal, quoted name or code; None where Postgres cannot cut the text."""
    raw, seen = text.encode(), ["."] * len(text)
    try:
        tokens = scan(text).tokens
    except PgQueryError:
        return None
    for token in tokens:
        name = TOKENS.get(token.token, "")
        kind = KINDS.get(name, "")
        if name == "UIDENT" or (name == "IDENT" and raw[token.start : token.start + 1] == b'"'):
            kind = "n"
        if kind:
            start, end = len(raw[: token.start].decode()), len(raw[: token.end].decode())
            seen[start:end] = kind * (end - start)
    return "".join(seen)


def as_the_guard_sees(text: str) -> str:
    letters = {Kind.COMMENT: "c", Kind.LITERAL: "l", Kind.NAME: "n", Kind.BROKEN: "!"}
    return "".join(letters.get(kind, ".") * (end - start) for kind, start, end in pieces(text, Dialect.POSTGRES))


@given(TEXTS)
@settings(max_examples=1_500)
def test_the_guard_and_postgres_see_the_same_literals_and_comments(text: str) -> None:
    theirs, ours = as_postgres_sees(text), as_the_guard_sees(text)
    if theirs is None:
        return
    # White space between the halves of one text, and the letter before a literal, are the same to either.
    alike = [
        a == b for a, b, character in zip(theirs, ours, text, strict=True)
        if not character.isspace() and character not in "nNuU&"
    ]  # fmt: skip
    assert all(alike), (theirs, ours)
