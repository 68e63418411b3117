"""The confirmed facts a dashboard was built on, kept with it: a card's meaning never shifts under its title."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from apps.datasources.contracts import ConfirmedTable

_TABLE: Final = TypeAdapter(ConfirmedTable)


def taken(tables: Sequence[ConfirmedTable]) -> list[dict[str, Any]]:
    """Tables as JSON; sample values are left behind."""
    bare = [replace(t, columns=tuple(replace(c, top_values=()) for c in t.columns)) for t in tables]
    return [_TABLE.dump_python(table, mode="json") for table in bare]


def read(rows: Sequence[dict[str, Any]]) -> dict[UUID, ConfirmedTable]:
    """The tables by id."""
    tables = [_TABLE.validate_python(row) for row in rows]
    return {table.table_id: table for table in tables}


def catalog_hash(tables: Sequence[ConfirmedTable]) -> str:
    """One hash over the facts of all tables, whatever their order."""
    lines = sorted(f"{table.dataset}.{table.name}:{table.catalog_hash}" for table in tables)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
