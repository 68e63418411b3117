"""BigQuery SQL gives BigQuery's answers on DuckDB: every gap that plain transpiling leaves, as a row."""

# ruff: noqa: E501 - a case a line

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from apps.datasources.connectors.sandbox.connector import _as_rows, _bounded
from apps.datasources.connectors.sandbox.duck import open_locked
from apps.datasources.engine.bigquery import estimate
from apps.datasources.engine.bigquery.compiled import compile_select
from apps.datasources.engine.bigquery.schema import Column, DataFile, Warehouse, WarehouseTable
from apps.datasources.engine.bigquery.types import from_duckdb

NOW = datetime(2026, 1, 31, tzinfo=UTC)
SOURCE = """SELECT i AS a, 'x' || i AS s, DATE '2026-01-01' + i::INT AS d,
    TIMESTAMPTZ '2026-01-01 10:00:00+00' + to_hours(i::INT) AS ts, TIMESTAMP '2026-01-01 10:00:00' AS dt,
    CASE WHEN i % 3 = 0 THEN NULL ELSE i * 1.5 END::DOUBLE AS f, json_object('k', i, 'n', json_object('z', 'q' || i)) AS j,
    [1, 2, i] AS arr, i % 2 = 0 AS b, i::DECIMAL(38, 9) AS num, {'x': i, 'y': 'w'} AS st FROM range(10) t(i)"""


class Sandbox:
    """One table `shop.t` of ten rows."""

    def __init__(self, folder: Path) -> None:
        path = folder / "t.parquet"
        writer = duckdb.connect()
        writer.execute("SET TimeZone = 'UTC'")
        writer.execute(f"COPY ({SOURCE}) TO '{path}' (FORMAT parquet)")
        described = writer.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
        writer.close()
        columns = tuple(Column(row[0], from_duckdb(row[1])) for row in described)
        files = (DataFile(str(path), None, 10, {column.name: 80 for column in columns}),)
        self.warehouse = Warehouse("1", (WarehouseTable("shop", "t", columns, files),))
        self.connection = open_locked([folder])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        plan = compile_select(sql, self.warehouse)
        text = estimate.runnable(plan, estimate.scans_of(plan, self.warehouse, NOW), self.warehouse)
        relation = self.connection.sql(text)
        types = [from_duckdb(str(kind)) for kind in relation.types]
        return _as_rows(_bounded(relation.to_arrow_reader(1000), 1000)[0], types)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return Sandbox(tmp_path_factory.mktemp("shop"))


ONE = [
    ("ARRAY_AGG(f IGNORE NULLS ORDER BY a DESC LIMIT 3)", [12.0, 10.5, 7.5]),
    ("STRING_AGG(s, ',' ORDER BY a DESC LIMIT 2)", "x9,x8"),
    ("ARRAY_LENGTH(ARRAY_AGG(f IGNORE NULLS))", 6),
    ("APPROX_QUANTILES(a, 4)[OFFSET(0)]", 0),
    ("COUNTIF(b)", 5),
    ("SUM(a)", 45),
    ("SUM(num)", Decimal(45)),
    ("APPROX_TOP_COUNT(b, 1)[OFFSET(0)].count", 5),
    ("ANY_VALUE(s HAVING MAX a)", "x9"),
    ("COUNT(DISTINCT s)", 10),
    ("LOGICAL_OR(b)", True),
    ("MAX(SAFE_DIVIDE(a, 0))", None),
    ("SAFE_DIVIDE(SUM(a), COUNT(*))", 4.5),
]
FIRST = [
    ("EXTRACT(DAYOFWEEK FROM d)", 5),
    ("EXTRACT(WEEK FROM d)", 0),
    ("EXTRACT(ISOWEEK FROM d)", 1),
    ("EXTRACT(DATE FROM ts)", date(2026, 1, 1)),
    ("DATE_TRUNC(d, WEEK)", date(2025, 12, 28)),
    ("DATE_TRUNC(d, WEEK(MONDAY))", date(2025, 12, 29)),
    ("DATE_TRUNC(d, ISOWEEK)", date(2025, 12, 29)),
    ("DATE_TRUNC(DATE(ts), MONTH)", date(2026, 1, 1)),
    ("DATE_ADD(d, INTERVAL 1 MONTH)", date(2026, 2, 1)),
    ("DATE_SUB(d, INTERVAL 2 WEEK)", date(2025, 12, 18)),
    ("TIMESTAMP_TRUNC(ts, DAY, 'America/New_York')", datetime(2026, 1, 1, 5, tzinfo=UTC)),
    ("TIMESTAMP_DIFF(ts, TIMESTAMP '2026-01-01 08:30:00', HOUR)", 1),
    ("DATE_DIFF(d, DATE '2025-12-25', WEEK)", 1),
    ("DATE(ts, 'Asia/Tokyo')", date(2026, 1, 1)),
    ("TIMESTAMP_MILLIS(1700000000000)", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
    ("TIMESTAMP_BUCKET(ts, INTERVAL 6 HOUR)", datetime(2026, 1, 1, 6, tzinfo=UTC)),
    ("LAST_DAY(d)", date(2026, 1, 31)),
    ("PARSE_DATE('%Y%m%d', '20260105')", date(2026, 1, 5)),
    ("FORMAT_TIMESTAMP('%F %T', ts)", "2026-01-01 10:00:00"),
    ("JSON_VALUE(j, '$.n.z')", "q0"),
    ("JSON_EXTRACT_SCALAR(j, '$.k')", "0"),
    ("LAX_INT64(j.k)", 0),
    ("CAST('1' AS NUMERIC)", Decimal(1)),
    ("SAFE_CAST('x' AS INT64)", None),
    ("2.5 * 2", 5.0),
    ("7 / 2", 3.5),
    ("DIV(7, 2)", 3),
    ("IEEE_DIVIDE(1, 2)", 0.5),
    ("SAFE.SUBSTR(s, 1, 1)", "x"),
    ("BYTE_LENGTH('ä')", 2),
    ("FORMAT('%d-%s', 1, 'a')", "1-a"),
    ("RANGE_BUCKET(3, [1, 2, 4])", 2),
    ("NET.HOST('https://u@a.b.com:80/c')", "a.b.com"),
    ("arr[OFFSET(0)]", 1),
    ("arr[SAFE_OFFSET(9)]", None),
    ("st.y", "w"),
    ("(SELECT SUM(x) FROM UNNEST(arr) AS x)", 3),
    ("REGEXP_EXTRACT(s, r'x(\\d)')", "0"),
    ("TO_HEX(MD5('a'))", "0cc175b9c0f1b6a831c399e269772661"),
    ("IF(b, 'yes', 'no')", "yes"),
]


@pytest.mark.parametrize(("expression", "expected"), ONE)
def test_aggregates(sandbox: Sandbox, expression: str, expected: object) -> None:
    assert sandbox.rows(f"SELECT {expression} FROM shop.t") == [(expected,)]


@pytest.mark.parametrize(("expression", "expected"), FIRST)
def test_expressions(sandbox: Sandbox, expression: str, expected: object) -> None:
    assert sandbox.rows(f"SELECT {expression} FROM shop.t ORDER BY a LIMIT 1") == [(expected,)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT x, o FROM UNNEST(['a', 'b']) AS x WITH OFFSET AS o ORDER BY o", [("a", 0), ("b", 1)]),
        ("SELECT d FROM UNNEST(GENERATE_DATE_ARRAY('2026-01-01', '2026-01-02')) AS d", [(date(2026, 1, 1),), (date(2026, 1, 2),)]),
        ("SELECT t.a, e FROM shop.t AS t, UNNEST(t.arr) AS e WHERE t.a = 7 ORDER BY e", [(7, 1), (7, 2), (7, 7)]),
        ("SELECT a FROM shop.t QUALIFY ROW_NUMBER() OVER (PARTITION BY b ORDER BY a) = 1 ORDER BY a", [(0,), (1,)]),
        ("FROM shop.t |> WHERE a > 5 |> AGGREGATE COUNT(*) AS n GROUP BY b |> ORDER BY b", [(False, 2), (True, 2)]),
        ("SELECT table_name FROM shop.INFORMATION_SCHEMA.TABLES", [("t",)]),
        ("SELECT column_name FROM shop.INFORMATION_SCHEMA.COLUMNS WHERE ordinal_position = 2", [("s",)]),
        ("SELECT * FROM (SELECT b, a FROM shop.t) PIVOT (SUM(a) FOR b IN (TRUE AS yes, FALSE AS no))", [(20, 25)]),
        ("SELECT COUNT(*) FROM shop.t TABLESAMPLE SYSTEM (100 PERCENT)", [(10,)]),
    ],
)  # fmt: skip
def test_statements(sandbox: Sandbox, sql: str, expected: list[tuple[object, ...]]) -> None:
    assert sandbox.rows(sql) == expected
