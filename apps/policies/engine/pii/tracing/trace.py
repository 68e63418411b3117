"""Follows marks of protected columns through a query.

1. Every source becomes a relation of marked columns. 2. An expression carries the marks of what it is made of; counting
and asking for NULL carry none. 3. Conditions, sort orders and keys show something of a column without giving it out:
each such use is kept. Equality of a column as it is with constants only confirms what the asker knows, and is kept as
`matched`; everything else there narrows down what is not known. 4. What cannot be placed raises UntraceableError.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from apps.policies.engine.pii.tracing.frames import Bound, Frame, Scope, joined, merged
from apps.policies.engine.pii.tracing.marks import NONE, Column, Marks, Relation, Traced, Use, computed, union
from apps.policies.engine.pii.tracing.tree import (
    Combined,
    Constant,
    Derived,
    Expr,
    Joined,
    Made,
    Name,
    Nested,
    Op,
    Output,
    Part,
    Pivoted,
    Query,
    Rows,
    Select,
    Source,
    Star,
    Stored,
    UntraceableError,
    With,
)

Lookup = Callable[[tuple[str, ...]], Relation | None]
_PASSES = 24


def trace(query: Query, lookup: Lookup, *, rows_first: bool = False) -> Traced:
    """Marks of every output and every use in a condition. Outputs are None where they cannot be told."""
    tracer = _Tracer(lookup, rows_first=rows_first)
    try:
        columns = tracer.query(query, None).listed()
    except (UntraceableError, RecursionError):
        return Traced(None, frozenset(tracer.uses), tracer.touched, tracer.constants)
    outputs = tuple((column.name, column.marks) for column in columns)
    return Traced(outputs, frozenset(tracer.uses), tracer.touched, tracer.constants)


class _Tracer:
    def __init__(self, lookup: Lookup, *, rows_first: bool) -> None:
        self._lookup = lookup
        self._rows_first = rows_first
        self.uses: set[Use] = set()
        self.touched: Marks = NONE
        self.constants = 0

    def query(self, query: Query, around: Scope | None) -> Relation:
        scope = self._with(query.ctes, around)
        match query:
            case Select():
                return self._select(query, scope)
            case Combined():
                return self._combined(query, scope)
            case Rows(rows=rows):
                width = max((len(row) for row in rows), default=0)
                marks = [union(self._marks(row[at], scope) for row in rows if at < len(row)) for at in range(width)]
                return Relation(tuple(Column(f"column{at + 1}", found) for at, found in enumerate(marks)))

    def _with(self, clause: With, around: Scope | None) -> Scope:
        known: dict[str, Relation] = {}
        scope = Scope(around=around, ctes=known)
        if clause.recursive:
            self._recursive(clause, scope, known)
        else:
            for name, query, names in clause.queries:
                known[name] = self.query(query, scope).renamed(names)
        return Scope(around=around, ctes=known)

    def _recursive(self, clause: With, scope: Scope, known: dict[str, Relation]) -> None:
        """Passes until nothing changes; marks only grow, so they do end."""
        for name, query, names in clause.queries:
            known[name] = self._seed(query, scope).renamed(names)
        for _ in range(_PASSES + len(clause.queries)):
            before = dict(known)
            for name, query, names in clause.queries:
                known[name] = _grown(before[name], self._or_open(query, scope).renamed(names))
            if known == before:
                return
        raise UntraceableError("a recursive query does not settle")

    def _seed(self, query: Query, scope: Scope) -> Relation:
        first = query.left if isinstance(query, Combined) else query
        return self._or_open(first, Scope(around=scope.around, ctes=scope.ctes))

    def _or_open(self, query: Query, scope: Scope) -> Relation:
        try:
            return self.query(query, scope)
        except UntraceableError:
            return Relation(rest=self.touched)

    def _combined(self, query: Combined, scope: Scope) -> Relation:
        left, right = self.query(query.left, scope), self.query(query.right, scope)
        one, other = left.listed(), right.listed()
        if query.by_name or len(one) != len(other):
            both = union((left.marks, right.marks))
            columns = tuple(Column(column.name, computed(both)) for column in one)
        else:
            columns = tuple(_either(a, b) for a, b in zip(one, other, strict=True))
        if query.compares:
            self._found(columns, "set operation")
        self._ordered(query.order, columns, replace(scope, frame=Frame(row=Relation(columns))))
        self._clause(query.bounds, "LIMIT", scope)
        return Relation(columns)

    def _select(self, query: Select, scope: Scope) -> Relation:
        frame = Frame()
        for source in query.sources:
            frame = frame + self._bind(source, scope, frame)
        inner = scope.inside(frame)
        columns = tuple(column for output in query.outputs for column in self._output(output, inner))
        inner = replace(inner, aliases={column.name: column.marks for column in columns if column.name})
        self._clause(query.conditions, "WHERE", inner)
        self._clause(query.bounds, "LIMIT", inner)
        self._keys(query.keys, columns, inner)
        self._ordered(query.order, columns, inner)
        if query.distinct:
            self._found(columns, "DISTINCT")
        return Relation(rest=union(c.marks for c in columns)) if query.one_value else Relation(columns)

    def _output(self, output: Output, scope: Scope) -> Iterable[Column]:
        expr = output.expr
        if isinstance(expr, Star):
            return self._listed(expr, scope)
        if isinstance(expr, Name):
            return [replace(scope.find(expr.path), name=output.name or expr.path[-1])]
        return [Column(output.name, self._marks(expr, scope))]

    def _listed(self, star: Star, scope: Scope) -> Iterable[Column]:
        columns = self._starred(star, scope).listed()
        return [
            Column(column.name, self._marks(star.replaced[column.name], scope))
            if column.name in star.replaced
            else column
            for column in columns
            if column.name not in star.without
        ]

    def _starred(self, star: Star, scope: Scope) -> Relation:
        if not star.of:
            return scope.frame.row
        at: Scope | None = scope
        while at is not None:
            found = at.frame.source(star.of)
            if found is not None:
                return found
            at = at.around
        raise UntraceableError("fields of a value are not known")

    # Sources

    def _bind(self, source: Source, scope: Scope, seen: Frame) -> Frame:
        match source:
            case Stored():
                return self._stored(source, scope, seen)
            case Derived():
                around = scope.inside(seen) if source.lateral else Scope(around=scope.around, ctes=scope.ctes)
                relation = self.query(source.query, around).renamed(source.columns)
                return self._framed((source.alias,), relation)
            case Made():
                return self._made(source, scope.inside(seen))
            case Joined():
                return self._joined(source, scope, seen)
            case Pivoted():
                return self._pivoted(source, scope, seen)

    def _framed(self, path: tuple[str, ...], relation: Relation) -> Frame:
        return Frame((Bound(path, relation, self._rows_first),), relation)

    def _stored(self, source: Stored, scope: Scope, seen: Frame) -> Frame:
        relation = scope.cte(source.path[0]) if len(source.path) == 1 else None
        if relation is None and len(source.path) > 1 and seen.source(source.path[:1]) is not None:
            array = Made((Name(source.path),), source.alias or source.path[-1], element=True)
            return self._made(array, scope.inside(seen))
        if relation is None:
            relation = self._lookup(source.path) or Relation(rest=NONE)
            self.touched |= relation.marks
        relation = relation.renamed(source.columns)
        return self._framed((source.alias,) if source.alias else source.path, relation)

    def _made(self, source: Made, scope: Scope) -> Frame:
        found = [self._column(part, scope) for part in source.parts]
        marks = union(column.marks for column in found)
        if marks and not source.element:
            self._use(marks, "FROM")
        fields = found[0].fields if len(found) == 1 else {}
        counted = tuple(map(Column, source.counted))
        if source.element and source.names is None:
            columns = (Column(source.alias, marks if not fields else found[0].own, fields),)
            inside = tuple(Column(name, inner) for name, inner in fields.items() if "." not in name)
            relation = Relation((*columns, *inside, *counted), marks)
        elif source.names is None:
            relation = Relation(counted, marks)
        else:
            relation = Relation((*(Column(name, marks) for name in source.names), *counted))
        return self._framed((source.alias,), relation)

    def _joined(self, source: Joined, scope: Scope, seen: Frame) -> Frame:
        left = self._bind(source.left, scope, seen)
        right = self._bind(source.right, scope, seen + left)
        names = _common(left.row, right.row) if source.natural else source.using
        frame = self._merged(left, right, names) if names else left + right
        if source.on is not None:
            self._condition(source.on, "JOIN", scope.inside(seen + left + right))
        if not source.alias:
            return frame
        row = frame.row.renamed(source.columns)
        return self._framed((source.alias,), row)

    def _merged(self, left: Frame, right: Frame, names: tuple[str, ...]) -> Frame:
        """USING: the named columns once and first, then the rest of the left and of the right side."""
        shared = []
        for name in names:
            one, other = merged(name, left.row.named(name) or [Column(name)]), right.row.named(name)
            both = [one, *other]
            if len({bool(column.marks) for column in both}) > 1 or any(m.computed for c in both for m in c.marks):
                self._use(union(column.marks for column in both), "JOIN")
            shared.append(Column(name, union(column.marks for column in both)))
        rest = [c for c in (*left.row.columns, *right.row.columns) if c.name not in names]
        row = Relation((*shared, *rest), joined(left.row, right.row).rest)
        return Frame((*left.bounds, *right.bounds), row)

    def _pivoted(self, source: Pivoted, scope: Scope, seen: Frame) -> Frame:
        frame = self._bind(source.source, scope, seen)
        inner = scope.inside(frame)
        marks = union(self._marks(part, inner) for part in source.parts)
        self._clause(source.by, "PIVOT", inner)
        kept = tuple(column for column in frame.row.columns if column.name not in source.used)
        made = tuple(Column(name, computed(marks)) for name in source.made)
        row = Relation((*kept, *made), frame.row.rest)
        if source.alias:
            return self._framed((source.alias,), row)
        return Frame(tuple(replace(bound, relation=row) for bound in frame.bounds), row)

    # Expressions

    def _column(self, expr: Expr, scope: Scope) -> Column:
        return scope.find(expr.path) if isinstance(expr, Name) else Column("", self._marks(expr, scope))

    def _marks(self, expr: Expr, scope: Scope) -> Marks:
        match expr:
            case Name(path=path):
                return scope.find(path).marks
            case Constant():
                return NONE
            case Star():
                return computed(self._starred(expr, scope).marks)
            case Nested(query=query, exists=exists):
                marks = self.query(query, scope).marks
                return NONE if exists else marks
            case Part():
                return self._part(expr, scope)

    def _part(self, part: Part, scope: Scope) -> Marks:
        if part.op is Op.GUARD:
            self._clause(part.parts, "FILTER", scope)
            return NONE
        marks = union([self._marks(each, scope) for each in part.parts])
        beyond = frozenset(mark for mark in marks if mark.computed)
        match part.op:
            case Op.SAME | Op.CHOICE:
                return marks
            case Op.NULLNESS:
                return beyond
            case Op.COUNT:
                self._use(beyond, "COUNT")
                return NONE
            case Op.GROUPING:
                self._use(beyond, "PARTITION BY")
                return NONE
            case _:
                return computed(marks)

    # Conditions

    def _clause(self, conditions: Iterable[Expr], clause: str, scope: Scope) -> None:
        for condition in conditions:
            self._condition(condition, clause, scope)

    def _condition(self, expr: Expr, clause: str, scope: Scope) -> None:
        if isinstance(expr, Part) and (expr.op is Op.LOGIC or (expr.op is Op.SAME and len(expr.parts) == 1)):
            self._clause(expr.parts, clause, scope)
        elif isinstance(expr, Part) and expr.op is Op.EQUAL:
            self._equal(expr, clause, scope)
        else:
            self._use(self._marks(expr, scope), clause)

    def _equal(self, expr: Part, clause: str, scope: Scope) -> None:
        sides = [(side, self._marks(side, scope)) for side in expr.parts]
        marks = union(found for _, found in sides)
        others = [side for side, found in sides if not found]
        plain = not any(mark.computed for mark in marks) and all(_fixed(side) for side in others)
        if marks and plain:
            self.constants += len(others)
        self._use(marks, clause, matched=plain)

    def _keys(self, keys: Iterable[Expr], columns: tuple[Column, ...], scope: Scope) -> None:
        for key in keys:
            marks = self._referred(key, columns, scope)
            self._use(frozenset(mark for mark in marks if mark.computed), "GROUP BY")

    def _ordered(self, order: Iterable[Expr], columns: tuple[Column, ...], scope: Scope) -> None:
        for key in order:
            self._use(self._referred(key, columns, scope), "ORDER BY")

    def _referred(self, key: Expr, columns: tuple[Column, ...], scope: Scope) -> Marks:
        """A key may be the place or the name of an output."""
        if isinstance(key, Constant):
            at = key.ordinal or 0
            return columns[at - 1].marks if 0 < at <= len(columns) else NONE
        named = [c for c in columns if isinstance(key, Name) and key.path == (c.name,)]
        try:
            return union([*(column.marks for column in named), self._marks(key, scope)])
        except UntraceableError:
            if not named:
                raise
            return union(column.marks for column in named)

    def _found(self, columns: Iterable[Column], clause: str) -> None:
        self._use(frozenset(mark for column in columns for mark in column.marks if mark.computed), clause)

    def _use(self, marks: Marks, clause: str, *, matched: bool = False) -> None:
        self.uses.update(Use(mark.source, mark.kind, clause, matched) for mark in marks)


def _fixed(expr: Expr) -> bool:
    """Whether it holds nothing but constants."""
    return isinstance(expr, Constant) or (isinstance(expr, Part) and all(map(_fixed, expr.parts)))


def _either(one: Column, other: Column) -> Column:
    marks = one.marks | other.marks
    return Column(one.name, marks if bool(one.marks) == bool(other.marks) else computed(marks))


def _grown(before: Relation, now: Relation) -> Relation:
    """`now`, with the marks that were there `before`."""
    if len(before.columns) != len(now.columns):
        return replace(now, rest=None if now.rest is None else now.rest | before.marks)
    columns = tuple(
        Column(new.name, new.marks | old.marks) for old, new in zip(before.columns, now.columns, strict=True)
    )
    return Relation(columns, now.rest)


def _common(left: Relation, right: Relation) -> tuple[str, ...]:
    right.listed()
    names = {column.name for column in right.columns}
    return tuple(column.name for column in left.listed() if column.name in names)
