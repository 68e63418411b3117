"""The measuring itself: exact where everything was read, honest where it was not, and no table it cannot read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from apps.datasources.engine.profiling import arrivals, formats, reading, sampling, statements
from apps.datasources.engine.profiling.facts import from_json, to_json
from apps.datasources.engine.profiling.families import Family, Field, family_of, fields_of
from apps.datasources.engine.profiling.statements import Reading, Target
from tests.unit.datasources.duck import Warehouse


def one(columns: dict[str, list[str]], rows: int = 1000) -> Warehouse:
    return Warehouse({"t": {"rows": rows, "columns": columns}})


def profile(columns: dict[str, list[str]], rows: int = 1000, percent: int = 100) -> Any:
    return one(columns, rows).profile("t", percent).profile


def test_figures_of_a_table_read_whole_are_exact() -> None:
    found = profile(
        {"n": ["INT64", "i % 97"], "x": ["FLOAT64", "case when i % 4 = 0 then null else i * 0.5 end"]}, 20_000
    )
    n, x = found.columns
    assert (n.distinct, n.minimum, n.maximum, n.null_share) == (97, 0.0, 96.0, 0.0)
    assert (x.null_share, x.null_error, x.distinct, x.bounds) == (0.25, 0.0, 15_000, False)
    assert sum(count for _, _, count in x.histogram) == 15_000


def test_null_share_of_a_sample_is_within_a_point_and_carries_its_error() -> None:
    columns = {"x": ["INT64", "case when hash(i) % 10 = 0 then null else i end"]}
    [column] = profile(columns, 3_000_000, percent=10).columns
    assert column.null_share == pytest.approx(0.1, abs=0.01)
    assert 0 < column.null_error < 0.01
    assert column.bounds


def test_few_values_are_counted_right_from_a_sample() -> None:
    [column] = profile({"c": ["STRING", "'v' || (i % 7)"]}, 2_000_000, percent=10).columns
    assert column.distinct == 7
    assert len(column.top_values) == 7


def test_a_key_is_recognised_as_unique_from_a_sample() -> None:
    [column] = profile({"id": ["STRING", "md5(i::varchar)"]}, 1_500_000, percent=10).columns
    assert column.distinct == pytest.approx(1_500_000, rel=0.05)


def test_five_hundred_columns_take_a_few_statements_and_all_are_measured() -> None:
    columns = {f"c{number}": ["INT64", f"i + {number}"] for number in range(500)}
    warehouse = one(columns, 10)
    target = Target("w", "t", 10)
    parts = list(statements.statistics(target, [Reading(field) for field in warehouse.fields("t")]))
    assert len(parts) == 13
    assert all(len(statements.bigquery(part)) < 65_536 for part in parts)
    found = warehouse.profile("t").profile
    assert [column.minimum for column in found.columns] == [float(number) for number in range(500)]


def test_all_figures_of_a_usual_table_come_from_one_scan() -> None:
    warehouse = one({f"c{number}": ["FLOAT64", "i"] for number in range(30)}, 10)
    [statement] = statements.statistics(Target("w", "t", 10), [Reading(field) for field in warehouse.fields("t")])
    assert len(list(statement.find_all(exp.Table))) == 1


@pytest.mark.parametrize("name", ["order", "select", "x y", "a-b", "ünïcode", "drop", "1st", "semi;colon", "per%cent"])
def test_names_that_need_quoting_are_read(name: str) -> None:
    [column] = profile({name: ["INT64", "i"]}, 5).columns
    assert (column.name, column.maximum) == (name, 4.0)


@given(st.text(alphabet="ab`'\"\\;-_ ()", min_size=1, max_size=12))
def test_no_name_can_leave_its_quotes(name: str) -> None:
    target = Target(name, name, 10)
    for statement in statements.statistics(target, [Reading(Field((name,), "INT64"))]):
        parsed = sqlglot.parse_one(statements.bigquery(statement), read="bigquery")
        assert {column.name for column in parsed.find_all(exp.Column)} == {name}
        assert isinstance(parsed, exp.Select)


def test_empty_and_all_null_tables_are_measured() -> None:
    empty = profile({"a": ["STRING", "'x'"], "at": ["TIMESTAMP", "timestamptz '2026-01-01 00:00:00+00'"]}, 0)
    assert (empty.rows, empty.columns[0].null_share, empty.latest) == (0, 0.0, None)
    nothing = profile({"a": ["STRING", "null"], "b": ["FLOAT64", "null"]}, 30)
    assert [column.null_share for column in nothing.columns] == [1.0, 1.0]
    assert [column.distinct for column in nothing.columns] == [0, 0]


def test_nan_and_infinity_are_no_figures() -> None:
    [column] = profile({"x": ["FLOAT64", "case when i % 2 = 0 then 'nan'::double else 'inf'::double end"]}, 10).columns
    assert column.maximum is None
    assert column.histogram == ()


def test_arrays_structs_and_json_are_measured_down_to_their_fields() -> None:
    found = profile(
        {
            "s": ["STRUCT<id INT64, where STRUCT<city STRING>>", "{'id': i, 'where': {'city': 'Berlin'}}"],
            "tags": ["ARRAY<STRING>", "['a', 'b', 'c']"],
            "j": ["JSON", "'{\"k\": 1}'"],
        },
        50,
    )
    by_name = {column.name: column for column in found.columns}
    assert by_name["s.id"].maximum == 49.0
    assert by_name["s.where.city"].top_values == (("Berlin", 50),)
    assert by_name["tags"].length == (3.0, 3.0, 3.0)
    assert by_name["j"].null_share == 0.0


def test_profile_survives_a_trip_through_json() -> None:
    found = profile({"a": ["STRING", "'v' || (i % 3)"], "at": ["DATE", "date '2026-01-01' + i::int"]}, 40)
    assert from_json(to_json(found)) == found


def test_missing_days_are_found_and_weekends_are_not_missed() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC).date()
    days = [start + timedelta(days=offset) for offset in range(60)]
    working = [(day.isoformat(), 5) for day in days if day.weekday() < 5 and offset_of(day, start) not in {9, 10}]
    assert arrivals.missing_days(working) == ("2026-01-14", "2026-01-15")


def offset_of(day: Any, start: Any) -> int:
    return int((day - start).days)


def test_a_weekly_table_misses_no_days() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC).date()
    weekly = [((start + timedelta(days=7 * week)).isoformat(), 1) for week in range(30)]
    assert arrivals.missing_days(weekly) == ()


@pytest.mark.parametrize(
    ("rows", "full", "percent"),
    [(None, False, 100), (999_999, False, 100), (1_000_000, False, 10), (100_000_000, False, 10),
     (100_000_001, False, 1), (10**9, True, 100)],
)  # fmt: skip
def test_sample_follows_the_number_of_rows(rows: int | None, full: bool, percent: int) -> None:
    assert sampling.sample_percent(rows, full=full) == percent


@pytest.mark.parametrize(
    ("name", "type_", "values", "format_"),
    [
        ("d", "STRING", ["2026-01-31", "2026-02-01T10:00:00Z"], "iso"),
        ("d", "STRING", ["31.01.2026", "1.2.2026"], "dmy"),
        ("d", "STRING", ["01/31/2026", "2/1/2026"], "mdy"),
        ("d", "STRING", ["31/01/2026", "1/2/2026"], "dmy"),
        ("d", "STRING", ["2026/01/31"], "ymd"),
        ("d", "STRING", ["2026-01", "2026-02"], "ym"),
        ("date_key", "INT64", ["20260131", "20260201"], "ymd_compact"),
        ("created_at", "INT64", ["1767225600", "1767225601"], "epoch_s"),
        ("ts", "INT64", ["1767225600000"], "epoch_ms"),
        ("amount", "INT64", ["1767225600"], ""),
        ("version", "STRING", ["1.2.3", "10.4.1"], ""),
        ("phone", "STRING", ["030-1234", "55.12.99"], ""),
        ("d", "STRING", ["99/99/2026"], ""),
    ],
)
def test_times_in_text_and_numbers_are_recognised(name: str, type_: str, values: list[str], format_: str) -> None:
    assert formats.time_format(name, type_, values) == format_


@pytest.mark.parametrize(
    ("values", "format_"),
    [
        (["12.50", "-3"], "plain"),
        (["$1,234.50", "$7.00"], "money"),
        (["1.234,50 €", "0,99 €"], "comma"),
        (["00123", "00456"], ""),
        (["+491701234567"], ""),
        (["abc", "12"], ""),
        ([], ""),
    ],
)
def test_numbers_in_text_are_recognised(values: list[str], format_: str) -> None:
    assert formats.number_format(values) == format_


@pytest.mark.parametrize(
    ("spelled", "format_", "value"),
    [("1.234,50 €", "comma", 1234.5), ("$1,234.50", "money", 1234.5), ("-7,5", "comma", -7.5), ("n/a", "money", None)],
)
def test_numbers_in_text_are_read(spelled: str, format_: str, value: float | None) -> None:
    number = formats.number_expression(exp.Literal.string(spelled), format_)
    [row] = one({"i": ["INT64", "i"]}, 1).run(exp.select(exp.alias_(number, "v")))
    assert row["v"] == value


@pytest.mark.parametrize(
    "format_", ["dmy", "mdy", "ymd", "ymd_compact", "ym", "iso", "epoch_s", "epoch_ms", "epoch_us"]
)
def test_every_spelling_of_a_time_is_read_as_the_same_day(format_: str) -> None:
    spelled: dict[str, exp.Expr] = {
        "dmy": exp.Literal.string("1.2.2026"), "mdy": exp.Literal.string("2/1/2026"),
        "ymd": exp.Literal.string("2026/02/01"), "ymd_compact": exp.Literal.number("20260201"),
        "ym": exp.Literal.string("2026-02"), "iso": exp.Literal.string("2026-02-01"),
        "epoch_s": exp.Literal.number("1769904000"), "epoch_ms": exp.Literal.number("1769904000000"),
        "epoch_us": exp.Literal.number("1769904000000000"),
    }  # fmt: skip
    type_ = "STRING" if spelled[format_].is_string else "INT64"
    moment = formats.time_expression(spelled[format_], type_, format_)
    [row] = one({"i": ["INT64", "i"]}, 1).run(exp.select(exp.alias_(exp.cast(moment, "STRING"), "v")))
    assert str(row["v"]).startswith("2026-02-01")


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-19 23:25:10.424364+00", 23),
        ("2026-11-19", 0),
        ("2026-11-19T05:00:00Z", 5),
        ("2026-11-19 05:00:00 UTC", 5),
    ],
)
def test_stored_times_become_aware_moments(text: str, hour: int) -> None:
    found = reading.moment(text)
    assert found is not None
    assert (found.date().isoformat(), found.hour, found.tzinfo is not None) == ("2026-11-19", hour, True)


def test_families_of_types() -> None:
    assert family_of("NUMERIC(10, 2)") is Family.NUMBER
    assert family_of("ARRAY<STRUCT<a INT64>>") is Family.ARRAY
    assert family_of("GEOGRAPHY") is Family.OPAQUE
    assert [field.name for field in fields_of("a", "STRUCT<b STRUCT<c INT64>>")] == ["a", "a.b", "a.b.c"]
    assert [field.name for field in fields_of("a", "STRUCT<broken")] == ["a"]
