"""Takes protected values out of results, errors and plans. Columns at a time: a result of 100 000 rows is no rarity."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from apps.core.errors import AtomError
from apps.datasources.contracts import ResultSet
from apps.policies.contracts import Permit, PiiColumn

_HARMLESS: Final = ("42", "0A", "26")
"""Classes of SQLSTATE that speak of the statement, never of a value in a row."""
_SPEAKS_OF_VALUES: Final = frozenset({"SQL_ERROR", "VALIDATION_FAILED"})
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")


def chosen(permit: Permit) -> dict[int, str]:
    """Place of each output to redact, and the class to name there; `PiiColumn.EVERYWHERE` stands for all of them."""
    return {column.ordinal: column.kind for column in permit.pii if column.redacted}


def redacted(found: ResultSet, places: Mapping[int, str]) -> ResultSet:
    """The result with `[REDACTED:<class>]` for values at these places; NULL stays NULL."""
    if not places:
        return found
    width = len(found.columns)
    everywhere = places.get(PiiColumn.EVERYWHERE)
    if everywhere is None and max(places) >= width:
        everywhere = min(places.values())
    kinds = dict.fromkeys(range(width), everywhere) if everywhere else dict(places)
    columns = tuple(
        replace(column, type="STRING", redacted=kinds[at]) if at in kinds else column
        for at, column in enumerate(found.columns)
    )
    return replace(found, columns=columns, rows=_masked(found.rows, kinds, width))


def _masked(rows: list[tuple[Any, ...]], kinds: Mapping[int, str | None], width: int) -> list[tuple[Any, ...]]:
    """Column by column: two transpositions cost a third of what looking at each value of each row does."""
    if not rows or not width:
        return rows
    columns: list[Any] = list(zip(*rows, strict=True))
    for at, kind in kinds.items():
        text = f"[REDACTED:{kind}]"
        columns[at] = [None if value is None else text for value in columns[at]]
    return list(zip(*columns, strict=True))


def without_values(error: AtomError, permit: Permit) -> AtomError:
    """The error without what the engine says of values, where protected columns were read and may not be seen."""
    in_clear = permit.pii and all(not column.redacted for column in permit.pii)
    if not permit.reads_pii or in_clear or error.code not in _SPEAKS_OF_VALUES:
        return error
    state = str(error.extra.get("sqlstate", ""))
    if state[:2] in _HARMLESS:
        return error
    safe: dict[str, Any] = {
        name: error.extra[name] for name in ("sqlstate", "line", "column", "position") if name in error.extra
    }
    return type(error)(
        "The statement failed on a value; it reads protected columns, so the value is not shown.",
        code=error.code, next_steps=["Check casts and arithmetic, or use the SAFE_ or NULLIF form."], extra=safe,
    )  # fmt: skip


def plan_without_constants(plan: Any) -> Any:
    """A plan of the engine whose conditions name no constants."""
    if isinstance(plan, dict):
        return {name: plan_without_constants(value) for name, value in plan.items()}
    if isinstance(plan, list):
        return [plan_without_constants(value) for value in plan]
    return _LITERAL.sub("'[REDACTED]'", plan) if isinstance(plan, str) else plan
