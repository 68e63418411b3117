"""Takes protected values out of results, errors and plans. Fast: results of 100 000 rows are no rarity."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, TypeAlias

from apps.core.errors import AtomError
from apps.datasources.contracts import ResultSet
from apps.policies.contracts import Permit, PiiColumn

_HARMLESS: Final = ("42", "0A", "26")
"""Classes of SQLSTATE that speak of the statement, never of a value in a row."""
_SPEAKS_OF_VALUES: Final = frozenset({"SQL_ERROR", "VALIDATION_FAILED"})
_CHUNK: Final = 500
Row: TypeAlias = tuple[Any, ...]
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")


def chosen(permit: Permit) -> dict[int, str]:
    """Place of each output to redact, and the class to name there; `PiiColumn.EVERYWHERE` stands for all of them."""
    return {column.ordinal: column.kind for column in permit.pii if column.redacted}


def redacted(found: ResultSet, places: Mapping[int, str]) -> ResultSet:
    """The result with `[REDACTED:<class>]` for values at these places; NULL stays NULL. It changes the rows given."""
    if not places:
        return found
    width = len(found.columns)
    everywhere = places.get(PiiColumn.EVERYWHERE)
    if everywhere is None and max(places) >= width:  # not the outputs that were traced
        everywhere = min(places.values())
    kinds = dict(places) if everywhere is None else dict.fromkeys(range(width), everywhere)
    columns = tuple(
        replace(column, type="STRING", redacted=kinds[at]) if at in kinds else column
        for at, column in enumerate(found.columns)
    )
    if found.rows:
        _mask(found.rows, kinds, width)
    return replace(found, columns=columns)


def _mask(rows: list[tuple[Any, ...]], kinds: Mapping[int, str], width: int) -> None:
    """In place and a few hundred rows at a time: old rows go as new ones come, which keeps the collector asleep."""
    masked = _masking(width, tuple(sorted(kinds.items())))
    for start in range(0, len(rows), _CHUNK):
        rows[start : start + _CHUNK] = masked(rows[start : start + _CHUNK])


@lru_cache(maxsize=256)
def _masking(width: int, kinds: tuple[tuple[int, str], ...]) -> Callable[[list[Row]], list[Row]]:
    """`lambda rows: [(a0, None if a1 is None else t1, …) for (a0, a1, …) in rows]`: a third of what a loop costs."""
    texts = {f"t{at}": f"[REDACTED:{kind}]" for at, kind in kinds}
    values = ", ".join(f"None if a{at} is None else t{at}" if f"t{at}" in texts else f"a{at}" for at in range(width))
    names = ", ".join(f"a{at}" for at in range(width))
    made: Callable[[list[Row]], list[Row]] = eval(  # noqa: S307 - numbers of ours alone
        f"lambda rows: [({values},) for ({names},) in rows]", texts
    )
    return made


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
