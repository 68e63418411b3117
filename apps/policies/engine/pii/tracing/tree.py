"""A query reduced to what tracing needs; both dialects are lowered to it. Names are compared as they are given here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias


class Op(Enum):
    """What a node does to the values under it."""

    OTHER = auto()
    """Gives something made of all its parts: functions, operators, aggregates, constructors."""
    SAME = auto()
    """Gives the value itself, at most in another spelling: parentheses, casts, LOWER, TRIM."""
    CHOICE = auto()
    """Gives one of its parts as it is: COALESCE, CASE."""
    COUNT = auto()
    """Counts its parts: shows nothing of them, but may hide a condition."""
    NULLNESS = auto()
    """IS NULL: shows nothing of its parts."""
    EQUAL = auto()
    """Compares its parts for equality."""
    LOGIC = auto()
    """AND, OR, NOT."""
    GROUPING = auto()
    """The keys of a window: they decide which rows belong together and show nothing."""
    GUARD = auto()
    """A condition inside an expression (FILTER, COUNTIF): shows nothing but what it lets through."""


@dataclass(frozen=True, slots=True)
class Name:
    """A reference: a column, a column of a source, a field of it, or a whole row."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, a parameter, a keyword. `ordinal` is its integer value, which ORDER BY takes for a place."""

    ordinal: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    op: Op
    parts: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Nested:
    """A query inside an expression. `exists` shows only whether there are rows."""

    query: "Query"
    exists: bool = False


@dataclass(frozen=True, slots=True)
class Star:
    """`*` or `x.*`; `of` is the path before the dot."""

    of: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    replaced: Mapping[str, "Expr"] = field(default_factory=dict)


Expr: TypeAlias = Name | Constant | Part | Nested | Star


@dataclass(frozen=True, slots=True)
class Output:
    expr: Expr
    name: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """A table, a CTE, or (BigQuery) an array of an earlier source."""

    path: tuple[str, ...]
    alias: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    query: "Query"
    alias: str = ""
    columns: tuple[str, ...] = ()
    lateral: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """Rows made by expressions: UNNEST and table functions. `names` are the columns where they are known."""

    parts: tuple[Expr, ...]
    alias: str = ""
    names: tuple[str, ...] | None = None
    element: bool = False
    """The rows are the elements of an array: how many there are shows its length alone."""
    counted: tuple[str, ...] = ()
    """Columns that number the rows (WITH OFFSET, WITH ORDINALITY)."""


@dataclass(frozen=True, slots=True)
class Joined:
    left: "Source"
    right: "Source"
    on: Expr | None = None
    using: tuple[str, ...] = ()
    natural: bool = False
    alias: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pivoted:
    """PIVOT: `used` columns give way to `made` ones, which show `parts`."""

    source: "Source"
    parts: tuple[Expr, ...]
    used: tuple[str, ...]
    made: tuple[str, ...]
    by: tuple[Expr, ...] = ()
    alias: str = ""


Source: TypeAlias = Stored | Derived | Made | Joined | Pivoted


@dataclass(frozen=True, slots=True)
class With:
    """Named queries, in order. `recursive`: each may see itself and the others."""

    queries: tuple[tuple[str, "Query", tuple[str, ...]], ...] = ()
    recursive: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    outputs: tuple[Output, ...]
    sources: tuple[Source, ...] = ()
    conditions: tuple[Expr, ...] = ()
    keys: tuple[Expr, ...] = ()
    order: tuple[Expr, ...] = ()
    bounds: tuple[Expr, ...] = ()
    distinct: bool = False
    one_value: bool = False
    """SELECT AS VALUE: the columns are the fields of the value."""
    ctes: With = With()


@dataclass(frozen=True, slots=True)
class Combined:
    """A set operation. `compares`: all but UNION ALL find equal rows."""

    left: "Query"
    right: "Query"
    compares: bool = False
    by_name: bool = False
    order: tuple[Expr, ...] = ()
    bounds: tuple[Expr, ...] = ()
    ctes: With = With()


@dataclass(frozen=True, slots=True)
class Rows:
    """VALUES."""

    rows: tuple[tuple[Expr, ...], ...]
    ctes: With = With()


Query: TypeAlias = Select | Combined | Rows


class UntraceableError(ValueError):
    """The lineage of this statement cannot be told: everything it gives has to be taken for protected."""
