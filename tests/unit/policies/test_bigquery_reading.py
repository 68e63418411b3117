"""How BigQuery text is read: tables by scope, functions by their written name, products, and what the fuzzer found."""

import pytest
import sqlglot
from sqlglot import exp

from apps.policies.contracts import Dialect, Outcome, Purpose
from apps.policies.engine.bigquery import functions
from apps.policies.engine.bigquery.scopes import Scopes
from apps.policies.engine.bigquery.shape import shape_of
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import Review, review
from apps.policies.engine.statement import Context

CONTEXT = Context(Dialect.BIGQUERY, Purpose.READ, Limits())


# Operators, brackets, prefixes, and two that cannot be written without arguments of their own.
WRITTEN_OTHERWISE = frozenset(
    {exp.And, exp.Or, exp.Case, exp.Array, exp.SafeFunc, exp.NetFunc, exp.ArrayFilter, exp.RegexpReplace}
)


def reviewed(sql: str) -> Review:
    return review(sql, CONTEXT)


def rules_that(result: Review, outcome: Outcome) -> set[str]:
    return {finding.rule for finding in result.findings if finding.outcome is outcome}


TABLES = [
    ("WITH a AS (SELECT 1) SELECT * FROM a, b", {"b"}),
    ("WITH a AS (SELECT * FROM a) SELECT * FROM a", {"a"}),
    ("WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a", set()),
    ("WITH a AS (SELECT 1), b AS (SELECT * FROM c), c AS (SELECT 1) SELECT * FROM b", {"c"}),
    ("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a), a", {"a"}),
    ("WITH a AS (SELECT 1) SELECT * FROM x.a", {"x.a"}),
    ("WITH \u212a AS (SELECT 1) SELECT * FROM k", {"k"}),
    ("WITH k AS (SELECT 1) SELECT * FROM K", set()),
    ("SELECT (SELECT COUNT(*) FROM t.items) FROM shop.t", {"shop.t"}),
    ("SELECT (SELECT COUNT(*) FROM `t.items`) FROM shop.t", {"shop.t", "t.items"}),
    ("SELECT * FROM a JOIN shop.users u ON TRUE JOIN (SELECT 1) AS shop ON TRUE", {"a", "shop.users"}),
    ("SELECT * FROM UNNEST(ARRAY(SELECT x FROM shop.users)) u, (SELECT 1) AS shop", {"shop.users"}),
    ("SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM a.b)", {"a"}),
    ("SELECT 1 FROM (a JOIN b USING (id)) JOIN c USING (id)", {"a", "b", "c"}),
    ("SELECT 1 FROM ((SELECT * FROM x) AS a JOIN b USING (id))", {"x", "b"}),
    ("SELECT 1 FROM a WHERE x IN (SELECT y FROM b WHERE z = (SELECT MAX(z) FROM c))", {"a", "b", "c"}),
    ("SELECT 1 FROM t LEFT JOIN t.items AS i ON i.x = 1", {"t"}),
]


@pytest.mark.parametrize(
    ("sql", "tables"), TABLES, ids=lambda each: each if isinstance(each, str) else " ".join(sorted(each))
)
def test_tables_are_resolved_as_bigquery_resolves_them(sql: str, tables: set[str]) -> None:
    tree = sqlglot.parse_one(sql, read="bigquery")
    assert {str(ref) for ref in shape_of(tree, statements=1).tables} == tables


@pytest.mark.parametrize("sql", [sql for sql, _ in TABLES])
def test_every_node_is_looked_at_once(sql: str) -> None:
    tree = sqlglot.parse_one(sql, read="bigquery")
    seen = [id(node) for node in Scopes(tree).nodes()]
    assert sorted(seen) == sorted(id(node) for node in tree.walk())


@pytest.mark.parametrize(
    "call",
    [
        "LEN(x)", "\u017fum(x)", "shop.abs(x)", "`shop.abs`(x)", "NET.ABS(x)", "shop.net.host(x)", "(x).f()",
        "ML.PREDICT(x)", "AI.GENERATE(x)", "KEYS.NEW_KEYSET('a')", "AEAD.ENCRYPT(a, b, c)", "SESSION_USER()",
        "OBJ.GET_ACCESS_URL(x, 'r')", "EXTERNAL_QUERY('a', 'b')", "DLP_DETERMINISTIC_ENCRYPT(a, b, c)",
        "HLL_COUNT.ABS(x)",
    ],
)  # fmt: skip
def test_a_function_that_is_not_bigquerys_own_is_blocked(call: str) -> None:
    assert reviewed(f"SELECT {call} FROM t").blocked


@pytest.mark.parametrize(
    "call",
    [
        "MAX_BY(a, b).*", "(x).upper()", "SAFE.PARSE_DATE('%Y', x)", "NET.IP_TRUNC(x, 8)", "Char_Length(x)",
        "HLL_COUNT.MERGE(x)", "DATE_TRUNC(d, WEEK(MONDAY))", "ERROR('x')", "ST_GEOGFROMWKB(x)", "x IN UNNEST(@ids)",
    ],
)  # fmt: skip
def test_a_function_of_bigquerys_own_passes(call: str) -> None:
    assert not reviewed(f"SELECT {call} FROM t").blocked


def test_a_listed_class_is_written_by_a_listed_name() -> None:
    """Otherwise a function of another name, anybody's to BigQuery, would pass under that class."""
    for kind in sorted(functions.CLASSES - WRITTEN_OTHERWISE, key=lambda kind: kind.__name__):
        call = kind(this=exp.column("x"), expression=exp.column("y"), unit=exp.var("DAY"))
        text = call.sql("bigquery", unsupported_level=sqlglot.ErrorLevel.IGNORE)
        name = text.partition("(")[0].removeprefix("NET.").removeprefix("NOT ")
        assert functions.is_listed(name) or functions.is_listed(name, "NET"), (kind, text)


def verdict(sql: str) -> set[str]:
    return rules_that(reviewed(sql), Outcome.ASK)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM a CROSS JOIN b", "SELECT 1 FROM a, b", "SELECT 1 FROM a JOIN b ON TRUE",
        "SELECT 1 FROM a JOIN b ON 1 = 1", "SELECT 1 FROM a JOIN b ON a.x = a.x", "SELECT 1 FROM a, b WHERE a.x = 1",
        "SELECT 1 FROM a JOIN b ON a.x = b.x, c", "SELECT 1 FROM (SELECT * FROM a), (SELECT * FROM b)",
        "SELECT 1 FROM UNNEST(GENERATE_ARRAY(1, 900000)) x, UNNEST(GENERATE_ARRAY(1, 900000)) y",
    ],
)  # fmt: skip
def test_a_product_of_unknown_size_is_asked_about(sql: str) -> None:
    assert verdict(sql) == {"cross_join"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM a, b WHERE a.id = b.id", "SELECT 1 FROM a JOIN b USING (id)", "SELECT 1 FROM a, UNNEST(a.items)",
        "SELECT 1 FROM a CROSS JOIN (SELECT MAX(x) AS m FROM b)", "SELECT 1 FROM a, b WHERE id = other_id",
        "SELECT 1 FROM a JOIN b ON a.x BETWEEN b.low AND b.high", "SELECT 1 FROM a, (SELECT 1 AS x), (SELECT 2 AS y)",
        "SELECT 1 FROM UNNEST(GENERATE_ARRAY(1, 100)) x, UNNEST(GENERATE_ARRAY(1, 100)) y",
    ],
)  # fmt: skip
def test_what_is_tied_or_small_is_no_product(sql: str) -> None:
    assert verdict(sql) == set()


def test_a_tenant_may_refuse_products() -> None:
    hard = Context(Dialect.BIGQUERY, Purpose.READ, Limits(hard=frozenset({"cross_join"})))
    assert review("SELECT 1 FROM a, b", hard).blocked


def test_parameters_are_noted_not_refused() -> None:
    result = reviewed("SELECT * FROM t WHERE a = @a AND b = ? AND c IN UNNEST(@a) LIMIT 10")
    assert not result.blocked
    assert "@a, ?" in next(finding.message for finding in result.findings if finding.rule == "parameters")


def test_a_join_without_a_condition_is_written_as_the_cross_join_it_is() -> None:
    assert (
        "FROM t CROSS JOIN UNNEST(t.items) AS i JOIN u ON"
        in reviewed("SELECT 1 FROM t JOIN UNNEST(t.items) AS i JOIN u ON u.id = i.id").sql
    )


def test_what_the_parser_itself_trips_over_is_blocked() -> None:
    for sql in ("SELECT 1 x |> LIMIT @n", "SELECT 1 |> LIMIT 1 + 2", "SELECT 1 |> UNION ALL SELECT 2"):
        assert rules_that(reviewed(sql), Outcome.BLOCK) == {"syntax"}


def test_a_review_keeps_no_tree() -> None:
    shape = reviewed("SELECT * FROM t").shape
    assert shape is not None
    assert shape.scopes is None
