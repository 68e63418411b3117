"""The lineage corpus: which outputs of a statement show a protected column, and which conditions narrow one down."""

import json
from pathlib import Path

import pytest

from apps.policies.engine.pii.tracing.marks import NONE, Column, Mark, Relation
from apps.policies.engine.pii.tracing.statement import traced
from apps.policies.enums import Dialect

CORPUS = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "corpora/pii/lineage.jsonl").read_text(encoding="utf-8").splitlines()
]
EMAIL = frozenset({Mark("users.email", "email")})
BORN = frozenset({Mark("users.born", "date_of_birth")})
PHONE = frozenset({Mark("people.contact.phone", "phone")})
TABLES = {
    "users": Relation((Column("user_id"), Column("email", EMAIL), Column("country"), Column("born", BORN))),
    "orders": Relation((Column("order_id"), Column("user_id"), Column("amount"), Column("note"))),
    "people": Relation((Column("id"), Column("contact", NONE, {"phone": PHONE}), Column("tags"))),
    "pg_stats": Relation(rest=frozenset({Mark("users.email", "email", computed=True)})),
}


def look(path: tuple[str, ...]) -> Relation | None:
    return TABLES.get(path[-1])


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case['dialect'][:2]}-{case['sql'][:70]}")
def test_protected_columns_are_followed_to_outputs_and_conditions(case: dict) -> None:
    found = traced(case["sql"], Dialect(case["dialect"]), look)
    assert (None if found.outputs is None else len(found.outputs)) == case["outputs"]
    assert (None if found.outputs is None else sorted(found.marked())) == case["hidden"]
    assert sorted({use.clause for use in found.uses if not use.matched}) == case["asks"]
    assert sorted({use.clause for use in found.uses if use.matched}) == case["notes"]


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("sql", ["", "SELEC", "SELECT 1; SELECT 2", "DELETE FROM users", "SELECT (" * 60, "\x00"])
def test_what_cannot_be_read_has_outputs_that_cannot_be_told(dialect: Dialect, sql: str) -> None:
    assert traced(sql, dialect, look).outputs is None


@pytest.mark.parametrize("dialect", Dialect)
def test_constants_compared_with_are_counted_over_the_whole_statement(dialect: Dialect) -> None:
    sql = "SELECT 1 FROM users WHERE email IN ('a', 'b') UNION ALL SELECT 2 FROM users WHERE email = 'c'"
    assert traced(sql, dialect, look).constants == 3


@pytest.mark.parametrize("dialect", Dialect)
def test_what_touches_no_protected_table_says_so(dialect: Dialect) -> None:
    found = traced("SELECT note FROM orders WHERE note LIKE 'a%' ORDER BY note", dialect, look)
    assert (found.touched, found.uses, found.marked()) == (NONE, frozenset(), {})
