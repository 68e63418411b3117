"""Which filters of a statement bound a column so that whole partitions are left unread.

1. A conjunct of WHERE, or of an ON that can only take rows away from this source, counts when it compares the bare
column with constants: =, <, <=, >, >=, BETWEEN, IN (…). DATE(column) and column truncated to a day or longer count
too (BigQuery prunes by them). Both sides of an OR have to count.
2. A constant holds no column and no subquery; what is new on each row (RAND) is none.
3. A filter further out counts when it reaches the table through plain columns only: not past LIMIT, window functions,
or grouping by something else. Each reader of a common table expression has to filter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from apps.policies.engine.bigquery.scopes import Scope, Scopes, Source, fold
from apps.policies.engine.bigquery.shape import outputs_of

_COMPARED: Final = (exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_VARYING: Final = (exp.Column, exp.Query, exp.Rand, exp.Uuid, exp.Star)
_TRUNCATED: Final = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)
_WHOLE_DAYS: Final = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "ISOWEEK", "ISOYEAR"})
_DEEPEST: Final = 40


@dataclass(frozen=True, slots=True)
class Bound:
    """How one source is bounded on a column: usable for pruning, filtered in a way that is not, or neither."""

    usable: bool
    tried: bool = False


class Bounds:
    """Answers for one statement; each reading of a query is looked at once, however often it is named."""

    def __init__(self, scopes: Scopes, *, bare: bool = False) -> None:
        """`bare`: a truncated column bounds nothing, as on Postgres."""
        self._bare = bare
        self._readers = scopes.readers
        self._known: dict[tuple[int, frozenset[str]], Bound] = {}

    def of(self, scope: Scope, source: Source, columns: frozenset[str], depth: int = 0) -> Bound:
        """Whether the reading of `source` is bounded on one of `columns` (folded names)."""
        key = (id(source), columns)
        if key not in self._known:
            self._known[key] = Bound(usable=False)  # what reads itself is not bounded from outside
            self._known[key] = self._look(scope, source, columns, depth)
        return self._known[key]

    def _look(self, scope: Scope, source: Source, columns: frozenset[str], depth: int) -> Bound:
        here = _filtered(scope, source, columns, bare=self._bare)
        if here.usable or depth > _DEEPEST:
            return here
        names, query = _passed_on(scope, source, columns)
        readers = self._readers.get(id(query), []) if names and query is not None else []
        if not readers:
            return here
        further = [self.of(outer, item, names, depth + 1) for outer, item in readers]
        return Bound(all(each.usable for each in further), here.tried or any(each.tried for each in further))


def _filtered(scope: Scope, source: Source, columns: frozenset[str], *, bare: bool) -> Bound:
    tried = False
    for condition in conditions_on(scope, source):
        if _is_usable(condition, source, columns, bare=bare):
            return Bound(usable=True)
        tried = tried or _is_wrapped(condition, source, columns)
    return Bound(usable=False, tried=tried)


def conditions_on(scope: Scope, source: Source) -> Iterator[exp.Expr]:
    """Conjuncts that every row kept of `source` fulfils."""
    where = scope.select.args.get("where")
    if where is not None:
        yield from conjuncts(where.this)
    for join in {id(each.join): each.join for each in scope.sources if each.join is not None}.values():
        on = join.args.get("on")
        if on is not None and _narrows(join, scope, source):
            yield from conjuncts(on)


def _narrows(join: exp.Join, scope: Scope, source: Source) -> bool:
    """Whether rows of `source` that fail the ON are lost."""
    side = join.side.upper()
    if not side:
        return True
    is_right = source.join is join
    return (side == "LEFT" and is_right) or (side == "RIGHT" and not is_right and scope.sources[0] is source)


def conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of an AND, brackets looked through."""
    todo = [condition]
    while todo:
        node = todo.pop()
        if isinstance(node, exp.And):
            todo.extend((node.expression, node.this))
        elif isinstance(node, exp.Paren):
            todo.append(node.this)
        else:
            yield node


def _is_usable(condition: exp.Expr, source: Source, columns: frozenset[str], *, bare: bool) -> bool:
    """Whether the condition bounds the column by constants; iterative over OR and AND."""
    if isinstance(condition, exp.Or):
        return all(_some_usable(each, source, columns, bare=bare) for each in _disjuncts(condition))
    if isinstance(condition, exp.Between):
        return _is_column(condition.this, source, columns, bare=bare) and all(
            _is_constant(condition.args.get(end)) for end in ("low", "high")
        )
    if isinstance(condition, exp.In):
        listed = condition.expressions
        return (
            bool(listed) and all(map(_is_constant, listed)) and _is_column(condition.this, source, columns, bare=bare)
        )
    if isinstance(condition, _COMPARED):
        left, right = condition.this, condition.expression
        return (_is_column(left, source, columns, bare=bare) and _is_constant(right)) or (
            _is_column(right, source, columns, bare=bare) and _is_constant(left)
        )
    return False


def _some_usable(branch: exp.Expr, source: Source, columns: frozenset[str], *, bare: bool) -> bool:
    return any(
        not isinstance(each, exp.Or) and _is_usable(each, source, columns, bare=bare) for each in conjuncts(branch)
    )


def _disjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    todo = [condition]
    while todo:
        node = todo.pop()
        if isinstance(node, exp.Or):
            todo.extend((node.expression, node.this))
        elif isinstance(node, exp.Paren) and isinstance(node.this, exp.Or):
            todo.append(node.this)
        else:
            yield node


def _is_column(node: exp.Expr, source: Source, columns: frozenset[str], *, bare: bool) -> bool:
    while isinstance(node, exp.Paren):
        node = node.this
    inner = node if bare else _untruncated(node)
    return isinstance(inner, exp.Column) and belongs(inner, source) and fold(inner.name) in columns


def _untruncated(node: exp.Expr) -> exp.Expr | None:
    """What is cut to whole days or longer; None where that keeps BigQuery from pruning."""
    if isinstance(node, _TRUNCATED):
        is_pruned = not node.args.get("zone") and _unit(node.args.get("unit")) in _WHOLE_DAYS
        return node.this if is_pruned else None
    if isinstance(node, exp.Date | exp.TsOrDsToDate):
        return None if node.args.get("zone") or node.expressions else node.this
    return node


def _unit(unit: exp.Expr | None) -> str:
    return "WEEK" if isinstance(unit, exp.WeekStart) else str(unit.name if unit is not None else "").upper()


def belongs(column: exp.Column, source: Source) -> bool:
    """Whether the column names this source, or names none where this is the only one that can be meant."""
    if not column.table:
        return True
    first = fold(column.parts[0].name if len(column.parts) < 3 else column.parts[-2].name)
    return first == source.name


def _is_constant(node: exp.Expr | None) -> bool:
    return node is not None and not any(isinstance(each, _VARYING) for each in node.walk())


def _is_wrapped(condition: exp.Expr, source: Source, columns: frozenset[str]) -> bool:
    """The column is compared with constants, but inside a function or a cast: a bound that prunes nothing."""
    if isinstance(condition, exp.Is | exp.Not | exp.Or) or condition.find(exp.Query):
        return False
    named = list(condition.find_all(exp.Column))
    return len(named) == 1 and fold(named[0].name) in columns and belongs(named[0], source)


def _passed_on(scope: Scope, source: Source, columns: frozenset[str]) -> tuple[frozenset[str], exp.Expr | None]:
    """The names under which the columns leave the SELECT unchanged, and the query whose readers see them."""
    select = scope.select
    if any(select.args.get(key) is not None for key in ("limit", "offset", "qualify", "sample")):
        return frozenset(), None
    if any(item.find(exp.Window) for item in select.expressions):
        return frozenset(), None
    places = dict(_outputs(select, source, columns))
    names = frozenset(places.values())
    if select.args.get("group") is not None and not _grouped_by(select, names | columns):
        return frozenset(), None
    query: exp.Expr = select
    while isinstance(query.parent, exp.SetOperation | exp.Subquery) and not _is_source(query.parent):
        query = query.parent
        if query.args.get("limit") is not None or query.args.get("offset") is not None:
            return frozenset(), None
        if isinstance(query, exp.SetOperation) and not isinstance(query, exp.Union):
            return frozenset(), None
    return _named_first(query, select, places), query


def _named_first(query: exp.Expr, select: exp.Select, places: dict[int, str]) -> frozenset[str]:
    """The names the columns have outside: those of the first SELECT of a UNION."""
    first = query
    while not isinstance(first, exp.Select):
        first = first.this
    if first is select:
        return frozenset(places.values())
    named = [name for name, _ in outputs_of(first)]
    return frozenset(named[place] if 0 <= place < len(named) else name for place, name in places.items())


def _is_source(query: exp.Expr) -> bool:
    """A subquery that stands in FROM: what it holds is what is read, not the brackets."""
    return isinstance(query, exp.Subquery) and isinstance(query.parent, exp.From | exp.Join)


def _outputs(select: exp.Select, source: Source, columns: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Place and name of each output that is one of the columns; places of a star are below zero."""
    stars = -1
    for place, (name, node) in enumerate(outputs_of(select)):
        if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            if belongs(node, source) and fold(node.name) in columns:
                yield place, name
            continue
        if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and fold(node.table) == source.name):
            star = node if isinstance(node, exp.Star) else node.this
            for column in columns - _left_out(star):
                yield stars, column
                stars -= 1


def _left_out(star: exp.Expr) -> frozenset[str]:
    """Columns that a star leaves out or puts something else in the place of."""
    gone = [*(star.args.get("except_") or ()), *(star.args.get("replace") or ())]
    return frozenset(fold(each.alias_or_name) for each in gone)


def _grouped_by(select: exp.Select, names: frozenset[str]) -> bool:
    group = select.args["group"]
    ordinals = {str(position) for position, (name, _) in enumerate(outputs_of(select), start=1) if name in names}
    keys = group.expressions
    return bool(group.args.get("all")) or any(
        (isinstance(key, exp.Column) and fold(key.name) in names)
        or (isinstance(key, exp.Literal) and key.name in ordinals)
        for key in keys
    )
