"""Dry-run bytes, partition pruning, lineage and refusals of the sandbox's BigQuery."""

# ruff: noqa: E501 - a case a line

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.datasources.engine.bigquery import estimate
from apps.datasources.engine.bigquery.compiled import compile_select
from apps.datasources.engine.bigquery.errors import BigQuerySqlError
from apps.datasources.engine.bigquery.schema import Column, DataFile, Warehouse, WarehouseTable

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(30)]
SIZES = {"order_id": 80, "ordered_at": 80, "Country": 40, "amount": 160, "email": 200}


def day_file(day: date | None) -> DataFile:
    return DataFile(f"/w/{day}.parquet", day, 10, SIZES)


ORDERS = WarehouseTable(
    "shop",
    "orders",
    (
        Column("order_id", "INT64"),
        Column("ordered_at", "TIMESTAMP"),
        Column("Country", "STRING"),
        Column("amount", "NUMERIC"),
        Column("email", "STRING"),
    ),
    tuple(day_file(day) for day in DAYS),
    "ordered_at",
)
USERS = WarehouseTable(
    "shop", "users", (Column("user_id", "INT64"), Column("email", "STRING")), (DataFile("/w/u", None, 5, {"user_id": 40, "email": 100}),)
)  # fmt: skip
WAREHOUSE = Warehouse("1", (ORDERS, USERS))


def scans(sql: str) -> tuple[estimate.ScanEstimate, ...]:
    return estimate.scans_of(compile_select(sql, WAREHOUSE), WAREHOUSE, NOW)


def size(sql: str) -> int:
    return estimate.processed(scans(sql))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", 0),
        ("SELECT COUNT(*) FROM shop.orders", 0),
        ("SELECT amount FROM shop.orders", 30 * 160),
        ("SELECT amount FROM shop.orders LIMIT 1", 30 * 160),
        ("SELECT country, SUM(amount) FROM shop.orders GROUP BY country", 30 * 200),
        ("SELECT * FROM shop.users", 140),
        ("SELECT * EXCEPT (email) FROM shop.users", 40),
        ("WITH u AS (SELECT * FROM shop.users) SELECT user_id FROM u", 40),
        ("SELECT u.email FROM shop.users AS u", 100),
        ("SELECT table_name FROM shop.INFORMATION_SCHEMA.TABLES", 0),
        ("SELECT amount FROM shop.orders TABLESAMPLE SYSTEM (10 PERCENT)", 3 * 160),
        ("SELECT user_id FROM shop.users UNION ALL SELECT order_id FROM shop.orders", 40 + 30 * 80),
    ],
)
def test_a_dry_run_counts_the_columns_referenced(sql: str, expected: int) -> None:
    assert size(sql) == expected


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        ("TRUE", 30),
        ("ordered_at >= '2026-01-25'", 6),
        ("ordered_at >= TIMESTAMP '2026-01-25 12:00:00'", 6),
        ("ordered_at < TIMESTAMP '2026-01-03'", 2),
        ("ordered_at > TIMESTAMP '2026-01-25' AND ordered_at < TIMESTAMP '2026-01-27'", 2),
        ("TIMESTAMP '2026-01-25' <= ordered_at", 6),
        ("ordered_at BETWEEN '2026-01-02' AND '2026-01-04'", 3),
        ("DATE(ordered_at) = '2026-01-10'", 1),
        ("DATE(ordered_at) IN ('2026-01-10', '2026-01-12')", 2),
        ("TIMESTAMP_TRUNC(ordered_at, DAY) = TIMESTAMP '2026-01-10'", 1),
        ("ordered_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)", 7),
        ("DATE(ordered_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 1 MONTH)", 30),
        ("DATE(ordered_at) >= DATE_TRUNC(DATE '2026-01-20', WEEK(MONDAY))", 12),
        ("ordered_at >= '2026-01-29' OR DATE(ordered_at) = '2026-01-01'", 3),
        ("ordered_at >= '2026-01-29' OR amount > 5", 30),
        ("ordered_at IS NOT NULL", 30),
        ("amount > 5 AND ordered_at >= '2026-01-29'", 2),
        ("FALSE", 0),
        ("ordered_at = (SELECT MAX(ordered_at) FROM shop.orders)", 30),
        ("NOT ordered_at >= '2026-01-29'", 2 + 26),
    ],
)
def test_constant_bounds_on_the_partition_column_prune(condition: str, days: int) -> None:
    found = [one for one in scans(f"SELECT amount FROM shop.orders WHERE {condition}") if "amount" in one.scan.columns]
    assert found[0].partitions == days


def test_bounds_reach_through_a_subquery() -> None:
    sql = "WITH o AS (SELECT * FROM shop.orders) SELECT amount FROM o WHERE ordered_at >= '2026-01-29'"
    assert scans(sql)[0].partitions == 2


def test_an_outer_join_does_not_prune_by_its_on_clause() -> None:
    sql = (
        "SELECT o.amount FROM shop.orders AS o LEFT JOIN shop.users AS u "
        "ON u.user_id = o.order_id AND o.ordered_at >= '2026-01-29'"
    )
    assert next(one for one in scans(sql) if one.scan.table == "orders").partitions == 30


def test_billing_rounds_up_to_ten_megabytes_a_table_and_not_for_what_reads_nothing() -> None:
    assert estimate.billed(scans("SELECT amount FROM shop.orders")) == 10_000_000
    assert estimate.billed(scans("SELECT 1")) == 0


def test_outputs_keep_the_letter_case_and_get_bigquerys_names() -> None:
    plan = compile_select("SELECT Country, amount AS Total, 1 + 1, COUNT(*) FROM shop.orders GROUP BY 1, 2", WAREHOUSE)
    assert plan.outputs == ("Country", "Total", "f0_", "f1_")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT nope FROM shop.users",
        "SELECT * FROM shop.nope",
        "SELECT * FROM elsewhere.shop.users",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT read_text('/etc/passwd')",
        "SELECT getenv('HOME')",
        "SELECT current_setting('temp_directory')",
        "SELECT SAFE.read_blob('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM duckdb_settings()",
        "SELECT SESSION_USER()",
        "SELECT FARM_FINGERPRINT(email) FROM shop.users",
        "SELECT 1; SELECT 2",
        "CREATE TABLE x AS SELECT 1",
        "ATTACH '/tmp/x.db'",
        "PRAGMA database_list",
        "COPY (SELECT 1) TO '/tmp/x'",
        "SELECT ds.remote_function(1)",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM `/etc/passwd`",
    ],
)
def test_what_bigquery_does_not_have_is_refused(sql: str) -> None:
    with pytest.raises(BigQuerySqlError):
        compile_select(sql, WAREHOUSE)


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    with pytest.raises(BigQuerySqlError):
        compile_select("SELECT " + "(" * 400 + "1" + ")" * 400, WAREHOUSE)
