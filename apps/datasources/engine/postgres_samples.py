"""The statement that draws a bounded sample of a Postgres table, and what recognition calls its types."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from apps.datasources.contracts import TableShape

ROWS: Final = 1_000
WIDTH: Final = 512
_LARGE: Final = 20_000
_KINDS: Final = {
    "boolean": "BOOL", "bytea": "BYTES", "smallint": "INT64", "integer": "INT64", "bigint": "INT64",
    "numeric": "NUMERIC", "real": "FLOAT64", "double precision": "FLOAT64", "date": "DATE",
}  # fmt: skip


def kind_of(type_: str) -> str:
    """The name recognition knows a Postgres type by; what it does not know is text."""
    base = type_.split("(")[0].strip()
    return "TIMESTAMP" if base.startswith("timestamp") else _KINDS.get(base, "STRING")


def statement(shape: TableShape, rows_estimate: int | None) -> str:
    """At most ROWS rows, each value as text of at most WIDTH characters; of a large table from all over it."""
    values = ", ".join(f"left({_quoted(name)}::text, {WIDTH})" for name, _ in shape.columns)
    source = f"{_quoted(shape.dataset)}.{_quoted(shape.name)}"
    estimate = rows_estimate or 0
    if shape.kind == "table" and estimate > _LARGE:
        source += f" TABLESAMPLE SYSTEM ({max(0.01, min(100.0, 100 * 20 * ROWS / estimate)):.4f})"
    return f"SELECT {values} FROM {source} LIMIT {ROWS}"  # noqa: S608 - names are quoted, the rest are numbers


def counted(rows: Sequence[tuple[Any, ...]], width: int) -> list[Counter[str]]:
    """Distinct values of each column with how often they were seen."""
    return [Counter(str(row[at]) for row in rows if row[at] is not None) for at in range(width)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
