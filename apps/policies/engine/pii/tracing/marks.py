"""What tracing carries along: marks on columns, relations of marked columns, and the result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from apps.policies.engine.pii.tracing.tree import UntraceableError


class Mark(NamedTuple):
    """A protected column that a value is made of. `computed`: the value is more than the column as it is."""

    source: str
    kind: str
    computed: bool = False


Marks = frozenset[Mark]
NONE: Marks = frozenset()


def computed(marks: Marks) -> Marks:
    """The same, as part of something made of it."""
    return frozenset(mark._replace(computed=True) for mark in marks)


def union(several: Iterable[Marks]) -> Marks:
    return NONE.union(*several)


@dataclass(frozen=True, slots=True)
class Column:
    """`fields` are marks of fields inside it, by dotted path; `own` those of all of it."""

    name: str
    own: Marks = NONE
    fields: Mapping[str, Marks] = field(default_factory=dict)

    @property
    def marks(self) -> Marks:
        return union((self.own, *self.fields.values()))

    def at(self, path: tuple[str, ...]) -> Marks:
        """The marks of a field; of a field nobody knows, those of all of it."""
        if not path:
            return self.marks
        wanted = ".".join(path)
        return union(
            (self.own, *(found for name, found in self.fields.items() if _overlap(name, wanted)))
        )  # fmt: skip


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


@dataclass(frozen=True, slots=True)
class Relation:
    """Columns in order. `rest`: marks of columns whose names are not known; None where all are known."""

    columns: tuple[Column, ...] = ()
    rest: Marks | None = None

    @property
    def marks(self) -> Marks:
        return union((self.rest or NONE, *(column.marks for column in self.columns)))

    def named(self, name: str) -> list[Column]:
        return [column for column in self.columns if column.name == name]

    def listed(self) -> tuple[Column, ...]:
        """All columns in order; raises UntraceableError when they are not known."""
        if self.rest is not None:
            raise UntraceableError("columns of a source are not known")
        return self.columns

    def renamed(self, names: tuple[str, ...]) -> "Relation":
        """With other names for the first columns."""
        if not names:
            return self
        if self.rest is not None and len(names) > len(self.columns):
            return Relation(tuple(Column(name, self.marks) for name in names), self.rest)
        changed = tuple(
            replace(column, name=names[at]) if at < len(names) else column for at, column in enumerate(self.columns)
        )
        return Relation(changed, self.rest)


EMPTY = Relation()


@dataclass(frozen=True, slots=True)
class Use:
    """A protected column in a condition: `clause` says where, `matched` that it was only compared for equality."""

    source: str
    kind: str
    clause: str
    matched: bool = False


@dataclass(frozen=True, slots=True)
class Traced:
    """`outputs` is None where they cannot be told apart: then every output counts as showing all of `touched`."""

    outputs: tuple[tuple[str, Marks], ...] | None = ()
    uses: frozenset[Use] = frozenset()
    touched: Marks = NONE
    constants: int = 0

    def marked(self) -> dict[int, Mark]:
        """Place of each output that shows a protected column, with one mark that names it."""
        return {at: min(marks) for at, (_, marks) in enumerate(self.outputs or ()) if marks}
