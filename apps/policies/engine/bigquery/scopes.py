"""Who reads what: every SELECT with its sources, resolved as BigQuery resolves them. One pass, no recursion.

1. A name of one part is a common table expression where one is visible, else a table.
2. A path whose first part is a range variable declared to its left, or around the query, is an array of it; a path in
one pair of backticks never is.   3. Everything else in FROM that has a name is a table.
Letter case is folded for ASCII alone, as BigQuery does: `K` (the Kelvin sign) is not `k`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from sqlglot import exp

_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Kind(Enum):
    """What stands in FROM."""

    TABLE = "table"
    NAMED = "common table expression"
    DERIVED = "subquery"
    ARRAY = "array"
    FUNCTION = "table function"


@dataclass(slots=True, eq=False)
class Source:
    """One item of FROM. `query` is what a common table expression or subquery holds; `join` is None for the first."""

    kind: Kind
    node: exp.Expr
    name: str
    join: exp.Join | None = None
    query: exp.Expr | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """One SELECT: its sources from left to right. `depth` counts the SELECTs around it since the last WITH."""

    select: exp.Select
    depth: int
    sources: list[Source] = field(default_factory=list)


class Names:
    """What can be named at one place: the first `limit` of `own`, then what is around."""

    __slots__ = ("limit", "outer", "own")

    def __init__(self, own: "dict[str, tuple[int, exp.Expr]]", outer: "Names | None", limit: int) -> None:
        self.own, self.outer, self.limit = own, outer, limit

    def find(self, name: str) -> exp.Expr | None:
        """What `name` stands for here, or None."""
        at: Names | None = self
        while at is not None:
            found = at.own.get(name)
            if found is not None and found[0] < at.limit:
                return found[1]
            at = at.outer
        return None


_NOTHING: Final = Names({}, None, 0)
_Step = tuple[exp.Expr, Names | None, Names, int]


def fold(name: str) -> str:
    """Lower case for ASCII letters alone."""
    return name.lower() if name.isascii() else name.translate(_LOWER)


class Scopes:
    """The scopes of a tree; filled while `nodes` is read to its end. `readers` tells who reads a query, by its id."""

    def __init__(self, tree: exp.Expr) -> None:
        self.scopes: list[Scope] = []
        self.readers: dict[int, list[tuple[Scope, Source]]] = {}
        self._tree = tree
        self.todo: list[_Step] = []

    def nodes(self) -> Iterator[exp.Expr]:
        """Every node of the tree once."""
        self.todo = [(self._tree, _NOTHING, _NOTHING, -1)]
        while self.todo:
            node, ctes, ranges, depth = self.todo.pop()
            yield node
            if ctes is None:
                continue
            if isinstance(node, exp.Query):
                ctes = self.names(node, ctes, ranges)
            if isinstance(node, exp.Select):
                self._select(node, ctes, ranges, depth + 1)
            else:
                self.rest(node, ctes, ranges, depth, ("with_",))

    def rest(self, node: exp.Expr, ctes: Names, ranges: Names, depth: int, done: tuple[str, ...] = ()) -> None:
        for key, value in node.args.items():
            if key in done:
                continue
            if isinstance(value, exp.Expr):
                self.todo.append((value, ctes, ranges, depth))
            elif isinstance(value, list):
                self.todo.extend((each, ctes, ranges, depth) for each in value if isinstance(each, exp.Expr))

    def leaf(self, node: exp.Expr) -> None:
        self.todo.append((node, None, _NOTHING, 0))

    def names(self, query: exp.Expr, ctes: Names, ranges: Names) -> Names:
        """The names that stand in the body of the query."""
        clause = query.args.get("with_")
        if clause is None:
            return ctes
        self.leaf(clause)
        own: dict[str, tuple[int, exp.Expr]] = {}
        entries = clause.expressions
        for position, cte in enumerate(entries):
            own.setdefault(fold(cte.alias), (position, cte.this))
            visible = Names(own, ctes, len(entries) if clause.recursive else position)
            self.leaf(cte)
            self.todo.append((cte.this, visible, ranges, -1))
            self.rest(cte, visible, ranges, -1, ("this",))
        self.rest(clause, ctes, ranges, -1, ("expressions",))
        return Names(own, ctes, len(entries))

    def _select(self, select: exp.Select, ctes: Names, outer: Names, depth: int) -> None:
        scope = Scope(select, depth)
        self.scopes.append(scope)
        own: dict[str, tuple[int, exp.Expr]] = {}
        from_ = select.args.get("from_")
        if from_ is not None:
            self.leaf(from_)
            _Placing(self, scope, own, ctes, outer).place(from_.this, None)
            self.rest(from_, ctes, outer, depth, ("this",))
        for join in select.args.get("joins") or ():
            _Placing(self, scope, own, ctes, outer).join(join)
        self.rest(select, ctes, Names(own, outer, len(scope.sources)), depth, ("with_", "from_", "joins"))


class _Placing:
    """Puts the items of one FROM into its scope, left to right."""

    def __init__(
        self, into: Scopes, scope: Scope, own: dict[str, tuple[int, exp.Expr]], ctes: Names, outer: Names
    ) -> None:
        self.into, self.scope, self.own, self.ctes, self.outer = into, scope, own, ctes, outer

    def join(self, join: exp.Join) -> None:
        self.into.leaf(join)
        self.place(join.this, join)
        self.into.rest(join, self.ctes, self._left(), self.scope.depth, ("this",))

    def place(self, item: exp.Expr, join: exp.Join | None) -> None:
        """One item with the joins that hang on it."""
        nested = item.args.get("joins") or ()
        if _is_bracketed_join(item):
            self.into.leaf(item)
            self.place(item.this, join)
            self.into.rest(item, self.ctes, self._left(), self.scope.depth, ("this", "joins"))
        elif isinstance(item, exp.Subquery):
            self._derived(item, join)
        else:
            left = self._left()
            self._named(item, join)
            self.into.leaf(item)
            self.into.rest(item, self.ctes, left, self.scope.depth, ("joins",))
        for each in nested:
            self.join(each)

    def _left(self) -> Names:
        return Names(self.own, self.outer, len(self.scope.sources))

    def _derived(self, item: exp.Subquery, join: exp.Join | None) -> None:
        ctes = self.into.names(item, self.ctes, self.outer)
        self.into.leaf(item)
        self.into.todo.append((item.this, ctes, self.outer, self.scope.depth))
        self._add(Source(Kind.DERIVED, item, fold(item.alias), join, item.this))
        self.into.rest(item, ctes, self._left(), self.scope.depth, ("this", "joins", "with_"))

    def _named(self, item: exp.Expr, join: exp.Join | None) -> None:
        if not isinstance(item, exp.Table):
            kind = Kind.FUNCTION if isinstance(item, exp.Func) and not isinstance(item, exp.Unnest) else Kind.ARRAY
            self._add(Source(kind, item, fold(_alias(item)), join))
            return
        query = None
        kind = Kind.FUNCTION if isinstance(item.this, exp.Func) else Kind.TABLE
        if kind is Kind.TABLE and (item.db or item.catalog):
            if not item.meta.get("quoted_table") and self._left().find(fold(item.parts[0].name)):
                kind = Kind.ARRAY
        elif kind is Kind.TABLE:
            query = self.ctes.find(fold(item.name))
            kind = Kind.NAMED if query is not None else kind
        self._add(Source(kind, item, fold(item.alias_or_name), join, query))

    def _add(self, source: Source) -> None:
        if source.name:
            self.own.setdefault(source.name, (len(self.scope.sources), source.node))
        self.scope.sources.append(source)
        if source.query is not None:
            self.into.readers.setdefault(id(source.query), []).append((self.scope, source))


def _is_bracketed_join(item: exp.Expr) -> bool:
    """`(a JOIN b ON …)`: brackets around a FROM, not around a query."""
    while isinstance(item, exp.Subquery):
        item = item.this
        if item.args.get("joins") and not isinstance(item, exp.Select):
            return True
    return isinstance(item, exp.Table) and isinstance(item.parent, exp.Subquery)


def _alias(item: exp.Expr) -> str:
    """The range variable of UNNEST: sqlglot keeps it as a column."""
    alias = item.args.get("alias")
    if isinstance(alias, exp.TableAlias):
        return alias.name or next((column.name for column in alias.args.get("columns") or ()), "")
    return item.alias
