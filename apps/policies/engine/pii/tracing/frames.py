"""Which names a query sees: the sources of its FROM clause, then those of the queries around it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from apps.policies.engine.pii.tracing.marks import EMPTY, NONE, Column, Marks, Relation, union
from apps.policies.engine.pii.tracing.tree import UntraceableError


@dataclass(frozen=True, slots=True)
class Bound:
    """A source under the names it answers to: its alias, or the end of its path."""

    path: tuple[str, ...]
    relation: Relation
    before_columns: bool = False
    """BigQuery: a bare name that fits means the row even where a column has it too."""

    def answers(self, prefix: tuple[str, ...]) -> bool:
        return bool(prefix) and self.path[-len(prefix) :] == prefix


@dataclass(frozen=True, slots=True)
class Frame:
    """Sources by name, and the row that `*` and bare names see (USING merges columns in it)."""

    bounds: tuple[Bound, ...] = ()
    row: Relation = EMPTY

    def __add__(self, other: "Frame") -> "Frame":
        return Frame((*self.bounds, *other.bounds), joined(self.row, other.row))

    def find(self, path: tuple[str, ...]) -> Column | None:
        """What the path shows: a column, a field of one, a whole row. All that fit, where several do."""
        found = [*self._qualified(path), *(_at(column, path[1:]) for column in self.row.named(path[0]))]
        if len(path) == 1:
            rows = [bound for bound in self.bounds if bound.answers(path) and (bound.before_columns or not found)]
            found += [Column(path[0], bound.relation.marks) for bound in rows if bound.relation.marks]
            if not found and rows:
                return Column(path[0])
        return merged(path[-1], found) if found else None

    def _qualified(self, path: tuple[str, ...]) -> Iterator[Column]:
        for cut in range(1, len(path)):
            for bound in self.bounds:
                if bound.answers(path[:cut]):
                    named = bound.relation.named(path[cut])
                    yield from (_at(column, path[cut + 1 :]) for column in named)
                    if not named:  # an unknown column, or a function of the row written as one
                        yield Column(path[cut], bound.relation.marks)

    def source(self, path: tuple[str, ...]) -> Relation | None:
        """The relation that `path.*` lists."""
        found = [bound.relation for bound in self.bounds if bound.answers(path)]
        return found[-1] if found else None


def _at(column: Column, path: tuple[str, ...]) -> Column:
    return Column(path[-1], column.at(path)) if path else column


def merged(name: str, columns: list[Column]) -> Column:
    """One column that may be any of these."""
    if len(columns) == 1:
        return columns[0]
    return Column(name, union(column.marks for column in columns))


def joined(left: Relation, right: Relation) -> Relation:
    """Side by side."""
    rest: Marks | None = None
    if left.rest is not None or right.rest is not None:
        rest = (left.rest or NONE) | (right.rest or NONE)
    return Relation((*left.columns, *right.columns), rest)


@dataclass(frozen=True, slots=True)
class Scope:
    """A frame, the names of outputs that conditions may use, and the scope around it."""

    frame: Frame = field(default_factory=Frame)
    around: "Scope | None" = None
    ctes: Mapping[str, Relation] = field(default_factory=dict)
    aliases: Mapping[str, Marks] = field(default_factory=dict)

    def inside(self, frame: Frame) -> "Scope":
        return Scope(frame, self.around, self.ctes, self.aliases)

    def find(self, path: tuple[str, ...]) -> Column:
        """The column, from the inside out. Raises UntraceableError for a name that nothing answers to."""
        scope: Scope | None = self
        loose: Marks | None = None
        while scope is not None:
            found = scope.frame.find(path)
            if found is None and path[0] in scope.aliases:
                found = Column(path[0], scope.aliases[path[0]])
            if scope.frame.row.rest is not None:
                loose = (loose or NONE) | scope.frame.row.rest
            if found is not None:
                return Column(found.name, found.marks | loose) if loose else found
            scope = scope.around
        if loose is None:
            raise UntraceableError("a name has no source")
        return Column(path[-1], loose)

    def cte(self, name: str) -> Relation | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.ctes:
                return scope.ctes[name]
            scope = scope.around
        return None
