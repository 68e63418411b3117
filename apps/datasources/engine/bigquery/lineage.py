"""Which stored columns show themselves in each output of a SELECT; what only counts them does not.

1. Every output is followed down through subqueries, CTEs and set operations. 2. A column under COUNT, COUNTIF,
APPROX_COUNT_DISTINCT or IS NULL reveals nothing and is not followed. 3. A name that cannot be placed is taken to be
every source of that name: too much is hidden rather than too little.
"""

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

Origin = tuple[str, str]
"""(slot of the scan, column in lower case)."""
_SILENT = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.Is)


def origins(qualified: exp.Query) -> tuple[frozenset[Origin], ...]:
    """One set an output, in order; `qualified` is the qualified tree with slots for tables."""
    return _Trace(qualified).outputs()


class _Trace:
    def __init__(self, tree: exp.Query) -> None:
        self._tree = tree
        self._scopes: Mapping[int, Scope] = {id(scope.expression): scope for scope in traverse_scope(tree)}
        self._open: set[tuple[int, str]] = set()

    def outputs(self) -> tuple[frozenset[Origin], ...]:
        return tuple(self._output(self._tree, position) for position in range(len(self._tree.selects)))

    def _output(self, query: exp.Expr, position: int) -> frozenset[Origin]:
        if isinstance(query, exp.Subquery):
            return self._output(query.this, position)
        if isinstance(query, exp.SetOperation):
            return self._output(query.left, position) | self._output(query.right, position)
        selects = query.selects if isinstance(query, exp.Query) else []
        return self._expression(selects[position]) if position < len(selects) else frozenset()

    def _expression(self, node: exp.Expr) -> frozenset[Origin]:
        if isinstance(node, _SILENT):
            return frozenset()
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Query):
            return frozenset().union(*(self._output(node, at) for at in range(len(node.selects))))
        found: frozenset[Origin] = frozenset()
        for child in node.iter_expressions():
            found |= self._expression(child)
        return found

    def _column(self, column: exp.Column) -> frozenset[Origin]:
        found: frozenset[Origin] = frozenset()
        for source in self._sources(column):
            if isinstance(source, exp.Table):
                found |= {(source.name, column.name.lower())}
            elif isinstance(source, Scope):
                found |= self._of_scope(source, column.name.lower())
        return found

    def _sources(self, column: exp.Column) -> list[object]:
        at: exp.Expr | None = column
        while at is not None:
            scope = self._scopes.get(id(at))
            if scope is not None and column.table in scope.sources:
                return [scope.sources[column.table]]
            at = at.parent
        every = [scope.sources for scope in self._scopes.values()]
        return [source for sources in every for alias, source in sources.items() if column.table in {"", alias}]

    def _of_scope(self, scope: Scope, name: str) -> frozenset[Origin]:
        key = (id(scope), name)
        if key in self._open:
            return frozenset()
        self._open.add(key)
        try:
            return self._named(scope, name)
        finally:
            self._open.discard(key)

    def _named(self, scope: Scope, name: str) -> frozenset[Origin]:
        query = scope.expression
        if not isinstance(query, exp.Query):
            return self._expression(query)
        renamed = [column.lower() for column in scope.outer_columns]
        names = renamed or [item.alias_or_name.lower() for item in query.selects]
        if name not in names:
            return frozenset().union(*(self._output(query, at) for at in range(len(query.selects))))
        return self._output(query, names.index(name))
