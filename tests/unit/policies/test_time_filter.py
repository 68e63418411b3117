"""A partitioned or large table is read by a bound that prunes: kept, added, or refused with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from apps.policies.contracts import (
    ApprovalKind,
    ColumnView,
    Dialect,
    Finding,
    Outcome,
    Purpose,
    TableRef,
    TableView,
)
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import Review, review
from apps.policies.engine.statement import Context


def _table(name: str, columns: str, **facts: object) -> TableView:
    found = tuple(ColumnView(*each.split(":")) for each in columns.split())
    return TableView(TableRef(name, "shop"), found, **facts)  # type: ignore[arg-type]


@dataclass
class Catalog:
    version: str = "1"
    tables: dict[str, TableView] = field(
        default_factory=lambda: {
            each.ref.name: each
            for each in (
                _table("events", "id:INT64 day:DATE kind:STRING user_id:INT64", partition_column="day",
                       partition_type="DATE", time_column="day", row_count=500),
                _table("hits", "id:INT64 at:TIMESTAMP", partition_column="at", partition_type="TIMESTAMP"),
                _table("loads", "id:INT64", partition_column="_PARTITIONTIME", partition_type="TIMESTAMP"),
                _table("shards", "id:INT64 bucket:INT64", partition_column="bucket", partition_type="INT64"),
                _table("big", "id:INT64 seen:DATETIME", time_column="seen", row_count=5_000_000,
                       key_columns=("id",)),
                _table("parts", "id:bigint day:date", partition_column="day", partition_type="date"),
                _table("wide", "id:INT64 seen:DATETIME", row_count=5_000_000),
                _table("users", "id:INT64 name:STRING day:DATE", row_count=900),
            )
        }
    )  # fmt: skip

    def table(self, ref: TableRef) -> TableView | None:
        return self.tables.get(ref.name) if ref.dataset in ("", "shop") else None

    def similar(self, _ref: TableRef) -> Sequence[str]:
        return ()


def reviewed(sql: str, dialect: Dialect = Dialect.BIGQUERY) -> Review:
    return review(sql, Context(dialect, Purpose.READ, Limits(), catalog=Catalog()))


def said(result: Review) -> list[Finding]:
    return [finding for finding in result.findings if finding.rule == "time_filter"]


BOUNDED = [
    "SELECT id FROM shop.events WHERE day >= '2024-01-01'",
    "SELECT id FROM shop.events WHERE '2024-01-01' <= day AND kind = 'a'",
    "SELECT id FROM shop.events WHERE day BETWEEN DATE '2024-01-01' AND CURRENT_DATE()",
    "SELECT id FROM shop.events WHERE day IN ('2024-01-01', '2024-01-02')",
    "SELECT id FROM shop.events WHERE day = @day",
    "SELECT id FROM shop.events WHERE (day = '2024-01-01' OR (day > '2024-02-01' AND kind = 'b'))",
    "SELECT id FROM shop.events AS e WHERE e.day > DATE_SUB(CURRENT_DATE(), INTERVAL 7 DAY)",
    "SELECT e.id FROM shop.events e JOIN shop.users u ON e.user_id = u.id WHERE e.day >= '2024-01-01'",
    "SELECT u.id FROM shop.users u LEFT JOIN shop.events e ON e.user_id = u.id AND e.day >= '2024-01-01'",
    "SELECT u.id FROM shop.users u JOIN shop.events e ON e.user_id = u.id AND e.day >= '2024-01-01'",
    "WITH e AS (SELECT * FROM shop.events) SELECT id FROM e WHERE day >= '2024-01-01'",
    "WITH e AS (SELECT day AS d, id FROM shop.events) SELECT id FROM e WHERE d >= '2024-01-01'",
    "SELECT id FROM (SELECT id, day FROM shop.events) AS e WHERE e.day >= '2024-01-01'",
    "SELECT day, n FROM (SELECT day, COUNT(*) AS n FROM shop.events GROUP BY day) WHERE day >= '2024-01-01'",
    "SELECT id FROM ((SELECT id, day FROM shop.users) UNION ALL (SELECT id, day FROM shop.events)) WHERE day > '2024'",
    "FROM shop.events |> WHERE day >= '2024-01-01' |> SELECT id",
    "SELECT id FROM shop.hits WHERE at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)",
    "SELECT id FROM shop.hits WHERE DATE(at) = '2024-01-01'",
    "SELECT id FROM shop.loads WHERE _PARTITIONDATE = '2024-01-01'",
    "SELECT id FROM shop.loads WHERE _PARTITIONTIME > '2024-01-01'",
    "SELECT id FROM shop.shards WHERE bucket = 3",
    "SELECT id FROM shop.big WHERE seen >= '2024-01-01'",
    "SELECT id FROM shop.wide WHERE seen >= '2024-01-01'",
    "SELECT id FROM shop.users",
]  # fmt: skip
UNBOUNDED = [
    "SELECT id FROM shop.events",
    "SELECT COUNT(*) FROM shop.events",
    "SELECT id FROM shop.events WHERE kind = 'a'",
    "SELECT id FROM shop.events WHERE day IS NOT NULL",
    "SELECT id FROM shop.events WHERE day = (SELECT MAX(day) FROM shop.users)",
    "SELECT id FROM shop.events WHERE day = '2024-01-01' OR kind = 'a'",
    "SELECT id FROM shop.events WHERE day = day",
    "SELECT u.id FROM shop.users u LEFT JOIN shop.events e ON e.user_id = u.id",
    "SELECT e.id FROM shop.events e LEFT JOIN shop.users u ON e.user_id = u.id AND e.day >= '2024-01-01'",
    "SELECT e.id FROM shop.events e JOIN shop.users u ON e.user_id = u.id WHERE u.day >= '2024-01-01'",
    "WITH e AS (SELECT * FROM shop.events LIMIT 10) SELECT id FROM e WHERE day >= '2024-01-01'",
    "WITH e AS (SELECT * FROM shop.events) SELECT a.id FROM e AS a, e AS b WHERE a.id = b.id AND a.day >= '2024-01-01'",
    "SELECT day FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY id) AS n FROM shop.events) WHERE day >= '2024-01-01'",
    "SELECT id FROM shop.events WHERE EXISTS (SELECT 1 FROM shop.users WHERE day >= '2024-01-01')",
    "SELECT id FROM shop.hits",
    "SELECT id FROM shop.loads",
    "SELECT id FROM shop.big",
    "SELECT SUM(n) FROM (SELECT COUNT(*) AS n FROM shop.events UNION ALL SELECT COUNT(*) FROM shop.hits)",
    "SELECT * FROM shop.events PIVOT(COUNT(id) FOR kind IN ('a', 'b'))",
    "SELECT * FROM shop.users u RIGHT JOIN shop.events USING (id)",
    "SELECT events.id FROM shop.users, shop.events WHERE users.id = events.id",
]
REFUSED = [
    "SELECT id FROM shop.events WHERE CAST(day AS STRING) >= '2024-01-01'",
    "SELECT id FROM shop.events WHERE EXTRACT(YEAR FROM day) = 2024",
    "SELECT id FROM shop.shards",
    "SELECT id FROM shop.wide",
]


@pytest.mark.parametrize("sql", BOUNDED)
def test_a_bound_that_prunes_is_left_alone(sql: str) -> None:
    result = reviewed(sql)
    assert not said(result), result.findings
    assert not result.blocked, result.findings


@pytest.mark.parametrize("sql", UNBOUNDED)
def test_a_missing_bound_is_added_and_holds_on_a_second_look(sql: str) -> None:
    result = reviewed(sql)
    assert not result.blocked, result.findings
    assert {finding.outcome for finding in said(result)} == {Outcome.FIX}
    assert all("90 days" in finding.message for finding in said(result))
    again = reviewed(result.sql)
    assert not again.blocked, (result.sql, again.findings)
    assert not again.rewritten, (result.sql, again.findings)
    assert again.sql == result.sql


@pytest.mark.parametrize("sql", REFUSED)
def test_a_bound_that_cannot_be_made_is_refused_with_the_reason(sql: str) -> None:
    result = reviewed(sql)
    assert [finding.outcome for finding in said(result)] == [Outcome.BLOCK]
    assert "shop." in said(result)[0].message


def test_an_outer_join_stays_one() -> None:
    sql = reviewed("SELECT u.id FROM shop.users u LEFT JOIN shop.events e ON e.user_id = u.id").sql
    assert "LEFT JOIN (SELECT * FROM shop.events WHERE `day` >=" in sql
    assert sql.index("`day` >=") < sql.index("ON e.user_id")


def test_the_window_is_the_tenants() -> None:
    limits = Limits(time_window_days=7)
    result = review("SELECT id FROM shop.events", Context(Dialect.BIGQUERY, Purpose.READ, limits, catalog=Catalog()))
    assert "INTERVAL '7' DAY" in result.sql
    assert "7 days" in said(result)[0].message


def test_a_table_below_the_tenants_row_count_needs_no_bound() -> None:
    limits = Limits(time_filter_rows=10_000_000)
    result = review("SELECT id FROM shop.wide", Context(Dialect.BIGQUERY, Purpose.READ, limits, catalog=Catalog()))
    assert not said(result)


def test_a_postgres_text_is_asked_about_and_never_changed() -> None:
    result = reviewed("SELECT id FROM shop.big", Dialect.POSTGRES)
    assert [(each.outcome, each.approval) for each in said(result)] == [(Outcome.ASK, ApprovalKind.MISSING_FILTER)]
    assert result.sql == "SELECT id FROM shop.big"
    assert not said(reviewed("SELECT id FROM shop.big WHERE seen >= '2024-01-01'", Dialect.POSTGRES))


@pytest.mark.parametrize(
    ("sql", "asked"),
    [
        ("SELECT 1", False),
        ("SELECT id FROM shop.parts", True),
        ("SELECT id FROM shop.PARTS", True),
        ("SELECT id FROM shop.parts LIMIT 5", True),
        ("SELECT id FROM shop.parts WHERE day >= '2024-01-01'", False),
        ("SELECT id FROM shop.parts WHERE day BETWEEN now() - interval '7 days' AND now()", False),
        ("SELECT id FROM shop.parts WHERE day = $1", False),
        ("SELECT id FROM shop.parts WHERE day IS NOT NULL", True),
        ("SELECT id FROM shop.parts WHERE day + 1 > '2024-01-01'", True),
        ("SELECT id FROM shop.parts WHERE day::text > '2024'", True),
        ("SELECT id FROM shop.parts WHERE date_trunc('month', day) = '2024-01-01'", True),
        ("SELECT id FROM shop.parts WHERE date(day) = '2024-01-01'", True),
        ("SELECT id FROM shop.parts WHERE day >= '2024-01-01' OR id = 1", True),
        ("SELECT id FROM shop.parts WHERE day >= (SELECT max(day) FROM shop.parts)", True),
        ("SELECT id FROM shop.parts WHERE id = 1", True),
        ("WITH p AS (SELECT id, day FROM shop.parts) SELECT id FROM p WHERE day >= '2024-01-01'", False),
        ("WITH p AS (SELECT id, day FROM shop.parts) SELECT id FROM p", True),
        ("SELECT u.id FROM shop.users u LEFT JOIN shop.parts p ON p.id = u.id AND p.day >= '2024-01-01'", False),
        ("SELECT u.id FROM shop.parts p LEFT JOIN shop.users u ON p.id = u.id AND p.day >= '2024-01-01'", True),
        ("SELECT id FROM shop.users", False),
        ("SELECT id FROM shop.wide", False),
        ("SELECT id FROM shop.big WHERE id = 7", False),
        ("SELECT id FROM shop.big WHERE other = 7", True),
    ],
)
def test_postgres_asks_for_a_constant_bound_on_the_bare_column(sql: str, asked: bool) -> None:
    assert bool(said(reviewed(sql, Dialect.POSTGRES))) is asked


def test_many_readings_of_one_query_are_looked_at_once() -> None:
    ctes = ["c0 AS (SELECT * FROM shop.events)"]
    ctes += [f"c{n} AS (SELECT a.* FROM c{n - 1} AS a JOIN c{n - 1} AS b USING (id))" for n in range(1, 40)]
    assert not reviewed(f"WITH {', '.join(ctes)} SELECT * FROM c39").blocked
