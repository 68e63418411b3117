"""What the rules look at: one statement of either dialect, reduced to the facts a rule may use."""

from dataclasses import dataclass, field
from typing import Any

from apps.policies.contracts import CatalogView, Dialect, Finding, Outcome, Purpose, TableRef, TargetKind
from apps.policies.engine.limits import Limits


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in the text, from 1."""

    line: int
    column: int


def place_of(text: str, offset: int) -> Place:
    """Line and column (both from 1) of a character offset (from 0)."""
    start = text.rfind("\n", 0, offset) + 1
    return Place(text.count("\n", 0, offset) + 1, offset - start + 1)


@dataclass(frozen=True, slots=True)
class NamedUse:
    """A function, table or node as it is used. `namespace` is what stands before the last dot."""

    name: str
    namespace: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """The facts of one statement. `row_limit` is the outermost literal LIMIT; `single_row` means an aggregate
    without GROUP BY, `grouped` one with it."""

    statements: int
    root: str
    root_allowed: bool
    unknown_nodes: tuple[NamedUse, ...] = ()
    unknown_functions: tuple[NamedUse, ...] = ()
    tables: tuple[TableRef, ...] = ()
    names: frozenset[tuple[str, str]] = frozenset()
    """Postgres: (schema, name) of everything in FROM as written, common table expressions included."""
    row_locks: bool = False
    writes_into: bool = False
    joins: int = 0
    nesting: int = 0
    row_limit: int | None = None
    has_limit: bool = False
    at_most: int | None = None
    """Postgres: as many rows as the text itself allows at most, where it says so."""
    single_row: bool = False
    grouped: bool = False
    generators: tuple[tuple[str, int | None], ...] = ()
    """Row generators and how many rows each makes; None when the bounds are not literal."""
    system_schemas: tuple[str, ...] = ()
    wildcards: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    """Query parameters, in order: `@name`, `?`."""
    scopes: Any = field(default=None, repr=False, compare=False)
    """What every SELECT reads (`engine.bigquery.scopes.Scopes`); None on Postgres."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know besides the statement."""

    dialect: Dialect
    purpose: Purpose
    limits: Limits
    target: TargetKind = TargetKind.SANDBOX
    catalog: CatalogView | None = None
    row_limit: int = 10_000


@dataclass(slots=True)
class Reading:
    """A text that a parser could read. `tree` belongs to the reader of the dialect; `sql` is what would run."""

    sql: str
    shape: Shape
    tree: Any = field(repr=False)


def block(rule: str, message: str, remedy: str = "", *, place: Place | None = None) -> Finding:
    """A finding that nothing overrides."""
    return Finding(
        rule, Outcome.BLOCK, message, remedy, line=place.line if place else None, column=place.column if place else None
    )
