"""Names, dialects and partitions found in files nobody has seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.datasources.engine.uploads import dialect, names, partition


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            ["Order ID", "orderDate", "Total ($)", "Größe", "2024 sales", "", "select"],
            ["order_id", "order_date", "total_usd", "grosse", "n_2024_sales", "column_6", "select_"],
        ),
        (["a", "A", "a "], ["a", "a_2", "a_3"]),
        (["日本", "_PARTITIONTIME", "x" * 400], ["column_1", "partitiontime", "x" * 300]),
        (["HTTPStatus", "%done", "R&D"], ["http_status", "percent_done", "r_and_d"]),
    ],
)
def test_names_become_valid_and_stay_apart(raw: list[str], expected: list[str]) -> None:
    assert names.column_names(raw) == expected


@given(st.lists(st.text(max_size=40), max_size=20))
def test_any_header_gives_distinct_valid_names(raw: list[str]) -> None:
    found = names.column_names(raw)
    assert len({name.lower() for name in found}) == len(raw)
    assert all(names.is_valid(name[:128]) for name in found)


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("My Orders 2026.csv", "my_orders_2026"),
        ("dump.jsonl.gz", "dump"),
        ("a/b/Übersicht.parquet", "ubersicht"),
        (".csv", "table_1"),
    ],
)
def test_a_table_is_called_after_its_file(filename: str, expected: str) -> None:
    assert names.table_name(filename) == expected


@pytest.mark.parametrize(
    ("head", "delimiter", "header", "width"),
    [
        ("a,b\n1,2\n", ",", True, 2),
        ("Name;Betrag\nAnna;1,5\n", ";", True, 2),
        ("a\tb\n1\t2\n", "\t", True, 2),
        ("1,2026-01-01\n2,2026-01-02\n", ",", False, 2),
        ("name,city\nanna,berlin\nben,ulm\n", ",", True, 2),
        ("red,blue\nblue,red\nred,red\n", ",", False, 2),
        ('"a, b","c"\n"1, 2","3"\n', ",", True, 2),
        ("Report,,\nday,shop,total\n2026-01-01,A,5\n", ",", True, 3),
        ("solo\n1\n2\n", ",", True, 1),
        ("", ",", False, 0),
    ],
)
def test_delimiter_and_header_are_found(head: str, delimiter: str, header: bool, width: int) -> None:
    found = dialect.sniffed(head)
    assert (found.delimiter, found.header, len(found.columns)) == (delimiter, header, width)


@given(st.text(max_size=300))
def test_no_text_breaks_the_sniffer(head: str) -> None:
    dialect.sniffed(head)


@pytest.mark.parametrize(
    ("columns", "rows", "expected"),
    [
        ([partition.TimeColumn("order_date", 90, 0)], 50_000, "order_date"),
        ([partition.TimeColumn("updated_at", 90, 0), partition.TimeColumn("created_at", 90, 0)], 50_000, "created_at"),
        ([partition.TimeColumn("order_date", 90, 0)], 500, None),
        ([partition.TimeColumn("birth_date", 20_000, 0)], 50_000, None),
        ([partition.TimeColumn("order_date", 90, 20_000)], 50_000, None),
        ([partition.TimeColumn("day", 1, 0)], 50_000, None),
    ],
)
def test_a_partition_column_is_proposed_only_where_it_helps(
    columns: list[partition.TimeColumn], rows: int, expected: str | None
) -> None:
    assert partition.suited(columns, rows) == expected
