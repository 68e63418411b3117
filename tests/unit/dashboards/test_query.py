"""Cards as SQL: every query of every template survives the gate's round trip and runs on an engine."""

from datetime import date
from itertools import combinations

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from apps.dashboards.engine import answer, query, templates
from apps.dashboards.engine.period import Period
from apps.dashboards.engine.spec import LATEST, CardSpec
from apps.datasources.contracts import ConfirmedTable
from tests.unit.dashboards.tables import CUSTOMERS, EVENTS, ORDERS, REFUNDS, SENSORS

PERIOD = Period(date(2026, 11, 6), date(2026, 11, 19), "America/New_York")
ALL = [ORDERS, EVENTS, CUSTOMERS, REFUNDS, SENSORS]
SETS = [list(chosen) for size in (1, 2, 5) for chosen in combinations(ALL, size)]


def cards_of(tables: list[ConfirmedTable]) -> list[tuple[CardSpec, ConfirmedTable]]:
    by_id = {table.table_id: table for table in tables}
    return [(card, by_id[card.table_id]) for known in templates.fitting(tables) for card in known.build(tables)]


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in ALL:
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{table.dataset}"')
    orders = """SELECT i AS order_id, i % 300 AS user_id, ['DE', 'FR', 'US'][i % 3 + 1] AS country,
        ['web', NULL][i % 2 + 1] AS channel, (i % 50)::DECIMAL(10, 2) AS amount,
        (TIMESTAMP '2026-11-20 03:00:00' - to_hours((i * 2)::INT)) AS ordered_at FROM range(500) t(i)"""
    connection.execute(f"CREATE TABLE shop.orders AS {orders}")
    connection.execute(f"CREATE TABLE shop.refunds AS {orders} WHERE i % 20 = 0")
    connection.execute(
        "CREATE TABLE app.events AS SELECT DATE '2026-11-19' - (i % 30)::INT AS event_date,"
        " 'v' || (i % 40) AS visitor, 'e' || (i % 9) AS name FROM range(900) t(i)"
    )
    connection.execute("CREATE TABLE crm.customers AS SELECT i AS id, 's' || (i % 4) AS segment FROM range(80) t(i)")
    connection.execute(
        'CREATE TABLE iot."weird table-1" AS SELECT 1763500000000 + i * 3600000 AS at, i % 2 = 0 AS "läuft"'
        " FROM range(900) t(i)"
    )
    return connection


@pytest.mark.parametrize("tables", SETS, ids=lambda tables: "+".join(table.name for table in tables))
def test_every_confirmed_set_of_tables_gives_cards_with_keys_of_their_own(tables: list[ConfirmedTable]) -> None:
    for known in templates.fitting(tables):
        keys = [card.key for card in known.build(tables)]
        assert len(keys) == len(set(keys)) > 0
    assert "data_health" in {known.key for known in templates.fitting(tables)}


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_what_is_generated_reads_back_as_the_same_query(table: ConfirmedTable) -> None:
    for card, _ in cards_of([table]):
        text = query.text(query.build(card, table, PERIOD))
        again = sqlglot.parse_one(text, read="bigquery")
        assert query.text(again) == text
        assert isinstance(again, exp.Select)


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_every_card_runs_and_answers_in_its_promised_shape(
    table: ConfirmedTable, engine: duckdb.DuckDBPyConnection
) -> None:
    for card, _ in cards_of([table]):
        tree = query.build(card, table, PERIOD)
        duck = sqlglot.parse_one(query.text(tree), read="bigquery").sql(dialect="duckdb")
        if any(figure.kind == LATEST for figure in card.measures) and table.time_column == "ordered_at":
            duck = duck.replace("MAX(", "CAST(MAX(", 1).replace(") AS latest", ") AS TIMESTAMP) AS latest", 1)
        cursor = engine.execute(duck)
        names = [described[0] for described in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        answer.check(card, rows, PERIOD)
        answer.answer(card, rows, PERIOD)


def test_bounds_are_constants_on_the_bare_time_column() -> None:
    card = next(card for card, _ in cards_of([ORDERS]) if card.kind == "line")
    where = query.build(card, ORDERS, PERIOD).args["where"].this
    assert isinstance(where, exp.And)
    for side in (where.left, where.right):
        assert isinstance(side.this, exp.Column)
        assert side.this.name == "ordered_at"
        assert not side.expression.find(exp.Column)


def test_names_are_quoted_and_never_read_as_sql() -> None:
    hostile = "x`; DROP TABLE y; --"
    card = next(card for card, _ in cards_of([CUSTOMERS]) if card.dimension).model_copy(update={"dimension": hostile})
    text = query.text(query.build(card, CUSTOMERS, PERIOD))
    assert isinstance(sqlglot.parse_one(text, read="bigquery"), exp.Select)
    assert len(sqlglot.parse(text, read="bigquery")) == 1


def test_a_table_without_a_time_line_is_read_whole() -> None:
    for card, _ in cards_of([CUSTOMERS]):
        assert query.build(card, CUSTOMERS, PERIOD).args.get("where") is None
        assert card.kind not in {"line", "heatmap", "sparkline"}


def test_templates_choose_themselves_by_what_is_confirmed() -> None:
    assert [known.key for known in templates.fitting([ORDERS])] == ["revenue_volume", "data_health"]
    assert [known.key for known in templates.fitting([EVENTS])] == ["exec_overview", "data_health"]
    assert [known.key for known in templates.fitting([])] == []
