"""Finds cross joins, however they are written: sources of one SELECT that no condition ties together.

1. A condition ties the sources whose columns it holds; a column without a table name may belong to any of them and
ties them all. `ON TRUE`, `ON 1 = 1`, `ON a.x = a.x` tie nothing.   2. Arrays of a row, and what gives one row at
most, multiply nothing.   3. What is left in two or more groups is a product; its size is the product of the largest
of each group.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Final

from sqlglot import exp

from apps.policies.engine.bigquery.filters import conjuncts
from apps.policies.engine.bigquery.generators import generators_of
from apps.policies.engine.bigquery.scopes import Kind, Scope, Scopes, Source, fold
from apps.policies.engine.bigquery.shape import is_single_row, literal_limit

_DEEPEST: Final = 40
Rows = Callable[[exp.Table], int | None]


@dataclass(frozen=True, slots=True)
class Product:
    """Sources that multiply each other, by name, and how many pairs that makes; None when a size is unknown."""

    names: tuple[str, ...]
    pairs: int | None


def products_of(scopes: Scopes, rows: Rows) -> Iterator[Product]:
    """The products of a statement. `rows` tells the size of a table, None when nobody knows."""
    sizes = _Sizes(scopes, rows)
    for scope in scopes.scopes:
        if len(scope.sources) < 2:
            continue
        groups = [[each for each in group if sizes.of(each) != 1] for group in _groups(scope)]
        groups = [group for group in groups if group]
        if len(groups) > 1:
            largest = [sizes.largest(group) for group in groups]
            known = [size for size in largest if size is not None]
            pairs = prod(known) if len(known) == len(largest) else None
            yield Product(tuple(group[0].name for group in groups), pairs)


def _groups(scope: Scope) -> list[list[Source]]:
    """The sources, arrays left out, tied together by the conditions of the SELECT."""
    sources = [source for source in scope.sources if source.kind is not Kind.ARRAY or _generates(source)]
    group_of = list(range(len(sources)))

    def tie(places: list[int]) -> None:
        for place in places[1:]:
            old, new = group_of[place], group_of[places[0]]
            group_of[:] = [new if each == old else each for each in group_of]

    for place, source in enumerate(sources):
        if source.join is not None and (source.join.args.get("using") or source.join.method):
            tie([max(0, place - 1), place])
    if len(set(group_of)) > 1:
        names = {source.name: place for place, source in enumerate(sources) if source.name}
        for condition in _conditions(scope):
            tie(_held(condition, names, len(sources)))
    groups: dict[int, list[Source]] = {}
    for source, mine in zip(sources, group_of, strict=True):
        groups.setdefault(mine, []).append(source)
    return list(groups.values())


def _generates(source: Source) -> bool:
    return any(rows is not None for _, rows in generators_of(source.node.find_all(exp.Func)))


def _conditions(scope: Scope) -> Iterator[exp.Expr]:
    holders = [scope.select.args.get("where"), *{id(each.join): each.join for each in scope.sources}.values()]
    for holder in holders:
        condition = holder.args.get("on") if isinstance(holder, exp.Join) else holder.this if holder else None
        if isinstance(condition, exp.Expr):
            yield from conjuncts(condition)


def _held(condition: exp.Expr, names: dict[str, int], count: int) -> list[int]:
    columns = list(condition.find_all(exp.Column))
    if any(not column.table for column in columns):
        return list(range(count)) if len(columns) > 1 else []
    found = {fold(part.name) for column in columns for part in column.parts[:-1]}
    return sorted(names[name] for name in found if name in names)


class _Sizes:
    """Upper bounds of rows, worked out once for each query."""

    def __init__(self, scopes: Scopes, rows: Rows) -> None:
        self._rows = rows
        self._scopes = {id(scope.select): scope for scope in scopes.scopes}
        self._known: dict[int, int | None] = {}

    def largest(self, group: list[Source]) -> int | None:
        """The largest of a group; None as soon as one is unknown."""
        sizes = [self.of(each) for each in group]
        return None if None in sizes else max((size for size in sizes if size is not None), default=1)

    def of(self, source: Source, depth: int = 0) -> int | None:
        """Rows of one source at most."""
        if source.query is not None:
            return self._query(source.query, depth + 1)
        if source.kind is Kind.TABLE and isinstance(source.node, exp.Table):
            return self._rows(source.node)
        made = [rows for _, rows in generators_of(source.node.find_all(exp.Func)) if rows is not None]
        return max(made, default=1) if source.kind is Kind.ARRAY else None

    def _query(self, query: exp.Expr, depth: int) -> int | None:
        if depth > _DEEPEST:
            return None
        if id(query) not in self._known:
            self._known[id(query)] = None  # what reads itself has no known size
            self._known[id(query)] = self._look(query, depth)
        return self._known[id(query)]

    def _look(self, query: exp.Expr, depth: int) -> int | None:
        limit = literal_limit(query.args.get("limit"))
        if is_single_row(query):
            return 1
        if isinstance(query, exp.SetOperation):
            both = (self._query(query.this, depth + 1), self._query(query.expression, depth + 1))
            whole = None if None in both else sum(size for size in both if size is not None)
        elif isinstance(query, exp.Subquery):
            whole = self._query(query.this, depth + 1)
        else:
            whole = self._select(query, depth)
        return whole if limit is None else limit if whole is None else min(limit, whole)

    def _select(self, query: exp.Expr, depth: int) -> int | None:
        scope = self._scopes.get(id(query))
        sizes = [self.of(each, depth) for each in scope.sources] if scope else [None]
        known = [size for size in sizes if size is not None]
        return max(known, default=1) if len(known) == len(sizes) else None
