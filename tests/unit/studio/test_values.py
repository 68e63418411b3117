"""Values become JSON without losing anything."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from apps.studio.engine.naming import quoted
from apps.studio.engine.values import Cutter


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (2**53 - 1, 2**53 - 1),
        (2**53, "9007199254740992"),
        (-(2**60), "-1152921504606846976"),
        (1.5, 1.5),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (Decimal("NaN"), "NaN"),
        (b"\x00\xff", "\\x00ff"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 1, 1, tzinfo=UTC), "2024-01-01T00:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ([Decimal("1.0"), None, [2**60]], ["1.0", None, ["1152921504606846976"]]),
        ({"a": math.inf, 1: "x"}, {"a": "Infinity", "1": "x"}),
        ("é", "é"),
    ],
)
def test_a_value_becomes_json(value: object, expected: object) -> None:
    assert Cutter().value(value) == expected


def test_a_long_text_is_cut_marked_and_counted() -> None:
    cutter = Cutter(longest=10)
    assert cutter.row(["x" * 11, "y" * 10, ["z" * 20]]) == [
        "xxxxxxxxxx… [cut: 11 characters]",
        "yyyyyyyyyy",
        ["zzzzzzzzzz… [cut: 20 characters]"],
    ]
    assert cutter.cut == 2


@pytest.mark.parametrize(
    ("schema", "name", "expected"),
    [("public", "orders", "orders"), ("sales", "Orders", 'sales."Orders"'), ("public", 'a"b', '"a""b"')],
)
def test_names_are_quoted_only_where_needed(schema: str, name: str, expected: str) -> None:
    assert quoted(schema, name) == expected
