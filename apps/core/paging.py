"""Keyset paging with signed cursors: the same cost at any depth, and no cursor anyone can forge."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.core import signing
from django.db.models import Model, Q, QuerySet

from apps.core.errors import InvalidInput

Row = TypeVar("Row", bound=Model)
MAX_LIMIT = 200
_SALT = "atom.paging"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of rows and the cursor of the next, or None at the end."""

    items: list[Row]
    next_cursor: str | None


def paginate(
    rows: QuerySet[Row],
    *,
    order: tuple[str, ...] = ("-created_at", "-id"),
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Row]:
    """One page by keyset. `order` names non-null fields, the last of them unique; raises InvalidInput on a bad cursor.

    Cost: one indexed query of limit + 1 rows, whatever the depth.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if cursor:
        rows = rows.filter(_after(order, _read(cursor, order)))
    found = list(rows.order_by(*order)[: limit + 1])
    more = len(found) > limit
    items = found[:limit]
    return Page(items, _write(order, items[-1]) if more else None)


def _after(order: tuple[str, ...], values: list[Any]) -> Q:
    condition = Q()
    equal: dict[str, Any] = {}
    for term, value in zip(order, values, strict=True):
        name = term.lstrip("-")
        comparison = "lt" if term.startswith("-") else "gt"
        condition |= Q(**equal, **{f"{name}__{comparison}": value})
        equal[name] = value
    return condition


def _write(order: tuple[str, ...], row: Model) -> str:
    values = [getattr(row, term.lstrip("-")) for term in order]
    return signing.dumps([list(order), [_text(value) for value in values]], salt=_SALT, compress=True)


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _read(cursor: str, order: tuple[str, ...]) -> list[Any]:
    try:
        written_order, values = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, orjson.JSONDecodeError):
        raise InvalidInput("The cursor is not one of ours.", code="BAD_CURSOR") from None
    if written_order != list(order):
        raise InvalidInput("The cursor belongs to another sort order.", code="BAD_CURSOR")
    return list(values)


def as_json(page: Page[Row], render: Any) -> dict[str, Any]:
    """`{"items": […], "next": cursor | null}` with `render(row)` for each row."""
    return {"items": [render(row) for row in page.items], "next": page.next_cursor}
