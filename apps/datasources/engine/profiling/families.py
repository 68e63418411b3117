"""Kinds of storage type that profiling tells apart, and the scalar fields inside structs."""

from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

MAX_FIELD_DEPTH = 3
MAX_FIELDS = 40


class Family(StrEnum):
    """How a column can be measured."""

    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    FLAG = "flag"
    ARRAY = "array"
    NESTED = "nested"
    OPAQUE = "opaque"


_FAMILIES = {
    **dict.fromkeys(("INT64", "INTEGER", "INT", "BIGINT", "SMALLINT", "FLOAT64", "FLOAT", "NUMERIC"), Family.NUMBER),
    **dict.fromkeys(("BIGNUMERIC", "DECIMAL", "BIGDECIMAL", "TINYINT", "BYTEINT", "DOUBLE"), Family.NUMBER),
    **dict.fromkeys(("STRING", "TEXT", "VARCHAR"), Family.TEXT),
    **dict.fromkeys(("DATE", "DATETIME", "TIMESTAMP"), Family.TIME),
    **dict.fromkeys(("BOOL", "BOOLEAN"), Family.FLAG),
    **dict.fromkeys(("STRUCT", "RECORD", "JSON"), Family.NESTED),
    "ARRAY": Family.ARRAY,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A measurable place in a table: a column, or a scalar inside a struct (`path` has more than one part)."""

    path: tuple[str, ...]
    type: str

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def family(self) -> Family:
        return family_of(self.type)


def base_type(type_: str) -> str:
    """`NUMERIC(10, 2)` gives NUMERIC, `ARRAY<INT64>` gives ARRAY."""
    return type_.upper().split("<")[0].split("(")[0].strip()


def family_of(type_: str) -> Family:
    """The family of a BigQuery type name; what is unknown is OPAQUE and only counted."""
    return _FAMILIES.get(base_type(type_), Family.OPAQUE)


def fields_of(name: str, type_: str) -> tuple[Field, ...]:
    """The column itself and, for structs, its scalar fields down to three levels."""
    return (Field((name,), type_), *_inner((name,), type_))[: MAX_FIELDS + 1]


def _inner(path: tuple[str, ...], type_: str) -> tuple[Field, ...]:
    if base_type(type_) != "STRUCT" or len(path) > MAX_FIELD_DEPTH:
        return ()
    try:
        built = exp.DataType.build(type_, dialect="bigquery")
    except (ParseError, TokenError, ValueError):
        return ()
    found: list[Field] = []
    for part in built.expressions:
        kind = part.args.get("kind")
        if not isinstance(part, exp.ColumnDef) or kind is None:
            continue
        field = Field((*path, part.name), kind.sql("bigquery"))
        found.extend((field, *_inner(field.path, field.type)))
    return tuple(found)
