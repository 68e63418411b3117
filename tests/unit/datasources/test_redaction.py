"""Redaction of results, errors and plans."""

import pytest

from apps.datasources.contracts import ResultColumn, ResultSet
from apps.datasources.engine import redaction
from apps.policies.contracts import PiiColumn

COLUMNS = tuple(ResultColumn(name, "INT64") for name in ("id", "email", "born"))


def result(rows: int = 3) -> ResultSet:
    return ResultSet(COLUMNS, [(n, f"p{n}@x.de" if n else None, n) for n in range(rows)])


def test_values_are_replaced_and_nulls_stay() -> None:
    found = redaction.redacted(result(), {1: "email"})
    assert found.rows == [(0, None, 0), (1, "[REDACTED:email]", 1), (2, "[REDACTED:email]", 2)]
    assert [(column.type, column.redacted) for column in found.columns] == [
        ("INT64", None), ("STRING", "email"), ("INT64", None),
    ]  # fmt: skip


@pytest.mark.parametrize("places", [{PiiColumn.EVERYWHERE: "email"}, {7: "email"}])
def test_outputs_that_cannot_be_told_apart_are_all_replaced(places: dict[int, str]) -> None:
    assert redaction.redacted(result(2), places).rows == [
        ("[REDACTED:email]", None, "[REDACTED:email]"), ("[REDACTED:email]",) * 3,
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [0, 1, 499, 500, 501, 1_234])
def test_every_row_is_replaced_whatever_their_number(rows: int) -> None:
    found = redaction.redacted(result(rows), {1: "email", 2: "date_of_birth"})
    assert len(found.rows) == rows
    assert all(row[1] in (None, "[REDACTED:email]") and row[2] == "[REDACTED:date_of_birth]" for row in found.rows)


def test_one_column_stays_a_row_of_one() -> None:
    found = redaction.redacted(ResultSet(COLUMNS[:1], [(1,), (None,)]), {0: "ssn"})
    assert found.rows == [("[REDACTED:ssn]",), (None,)]


def test_a_plan_loses_its_constants() -> None:
    plan = {"Plan": {"Filter": "(email = 'it''s@x.de'::text)", "Plans": [{"Index Cond": "(id = 3)"}], "Rows": 1}}
    assert redaction.plan_without_constants(plan) == {
        "Plan": {"Filter": "(email = '[REDACTED]'::text)", "Plans": [{"Index Cond": "(id = 3)"}], "Rows": 1}
    }
