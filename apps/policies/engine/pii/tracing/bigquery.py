"""Lowers sqlglot's tree of one BigQuery SELECT. Names are compared in lower case, as BigQuery does."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

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
    Select,
    Source,
    Star,
    Stored,
    UntraceableError,
    With,
)

_SAME: Final = (exp.Paren, exp.Lower, exp.Upper, exp.Trim, exp.Collate, exp.Alias, exp.PivotAlias, exp.IgnoreNulls)
_CHOICE: Final = (exp.Coalesce, exp.Tuple, exp.Array, exp.Struct)
_EQUAL: Final = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_LOGIC: Final = (exp.And, exp.Or, exp.Not)
_COUNTS: Final = (exp.Count, exp.ApproxDistinct)
_CONSTANTS: Final = (
    exp.Literal, exp.Boolean, exp.Null, exp.DataType, exp.Var, exp.Placeholder, exp.Parameter, exp.Identifier,
    exp.IntervalSpan, exp.RawString, exp.ByteString, exp.HexString,
)  # fmt: skip
_WRAPS: Final = (exp.Window, exp.Filter, exp.RespectNulls)


def lowered(sql: str) -> Query:
    """The query of `sql`. Raises UntraceableError where there is not exactly one."""
    try:
        statements = [statement for statement in parse(sql, dialect="bigquery") if statement is not None]
    except SqlglotError as error:
        raise UntraceableError("this text cannot be read") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise UntraceableError("this is no SELECT")
    return _query(statements[0])


def _query(node: exp.Expr) -> Query:
    ctes = _with(node.args.get("with_"))
    if isinstance(node, exp.Subquery):
        return _wrapped(node, ctes)
    order = tuple(_ordered(node.args.get("order")))
    bounds = tuple(_expr(each.expression) for name in ("limit", "offset") if (each := node.args.get(name)) is not None)
    if isinstance(node, exp.SetOperation):
        compares = not (isinstance(node, exp.Union) and node.args.get("distinct") is False)
        by_name = any(node.args.get(name) for name in ("by_name", "side", "kind", "on"))
        return Combined(_query(node.left), _query(node.right), compares, by_name, order, bounds, ctes)
    if not isinstance(node, exp.Select):
        raise UntraceableError("this is no SELECT")
    return _select(node, Select((), ctes=ctes, order=order, bounds=bounds))


def _wrapped(node: exp.Subquery, ctes: With) -> Query:
    """`(SELECT …)`, with what stands behind the parenthesis."""
    inner = _query(node.this)
    order = tuple(_ordered(node.args.get("order")))
    if not (ctes.queries or order or node.args.get("limit") is not None):
        return inner
    return Select((Output(Star()),), (Derived(inner, "_"),), order=order, ctes=ctes)


def _select(node: exp.Select, frame: Select) -> Select:
    distinct = node.args.get("distinct")
    group = node.args.get("group")
    kind = str(node.args.get("kind") or "").upper()
    if any(node.args.get(name) for name in ("laterals", "connect", "match")):
        raise UntraceableError("a source of an unknown kind")
    return replace(
        frame,
        outputs=tuple(_output(item) for item in node.expressions),
        sources=tuple(_from(node)),
        conditions=tuple(_expr(node.args[name].this) for name in ("where", "having", "qualify") if node.args.get(name)),
        keys=tuple(_expr(each) for each in _keys(group)) if group is not None else (),
        distinct=distinct is not None,
        one_value=kind == "VALUE",
    )


def _keys(group: exp.Group) -> Iterator[exp.Expr]:
    """Keys, those in ROLLUP, CUBE and GROUPING SETS too."""
    for each in group.iter_expressions():
        if isinstance(each, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Tuple):
            yield from each.find_all(exp.Column)
        else:
            yield each


def _ordered(order: exp.Order | None) -> Iterator[Expr]:
    for item in order.expressions if order is not None else ():
        yield _expr(item.this if isinstance(item, exp.Ordered) else item)


def _with(clause: exp.With | None) -> With:
    if clause is None:
        return With()
    entries = []
    for entry in clause.expressions:
        if not isinstance(entry, exp.CTE) or not isinstance(entry.this, exp.Query):
            raise UntraceableError("a named query of an unknown kind")
        entries.append((entry.alias.lower(), _query(entry.this), _column_names(entry)))
    return With(tuple(entries), bool(clause.args.get("recursive")))


def _column_names(node: exp.Expr) -> tuple[str, ...]:
    alias = node.args.get("alias")
    columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    return tuple(column.name.lower() for column in columns or ())


def _output(item: exp.Expr) -> Output:
    expr = _expr(item.this if isinstance(item, exp.Alias) else item)
    name = "" if isinstance(expr, Star) else item.alias_or_name.lower()
    return Output(expr, name)


# Sources


def _from(node: exp.Select) -> Iterator[Source]:
    clause = node.args.get("from_")
    if clause is None:
        return
    found = _source(clause.this)
    for join in node.args.get("joins") or ():
        found = _join(found, join)
    yield found


def _join(left: Source, join: exp.Join) -> Joined:
    on = join.args.get("on")
    using = tuple(name.name.lower() for name in join.args.get("using") or ())
    natural = str(join.args.get("method") or "").upper() == "NATURAL"
    return Joined(left, _source(join.this), _expr(on) if on is not None else None, using, natural)


def _source(node: exp.Expr) -> Source:
    found = _plain_source(node)
    for join in node.args.get("joins") or ():
        found = _join(found, join)
    for pivot in node.args.get("pivots") or ():
        found = _pivoted(found, pivot)
    return found


def _plain_source(node: exp.Expr) -> Source:
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        return Stored(_path(node), node.alias.lower(), _column_names(node))
    if isinstance(node, exp.Subquery):
        if isinstance(node.this, exp.Table):
            return _source(node.this)
        if isinstance(node.this, exp.Query):
            return Derived(_query(node.this), node.alias.lower(), _column_names(node))
    if isinstance(node, exp.Unnest):
        return _unnested(node)
    raise UntraceableError("a source of an unknown kind")


def _path(table: exp.Table) -> tuple[str, ...]:
    parts = (part.name for part in table.parts)
    return tuple(piece.lower() for part in parts for piece in part.split(".") if piece)


def _unnested(node: exp.Unnest) -> Made:
    alias = node.args.get("alias")
    names = [column.name.lower() for column in (alias.args.get("columns") or ())] if alias is not None else []
    name = (names[0] if names else node.alias).lower()
    parts = tuple(_expr(each) for each in node.expressions)
    offset = node.args.get("offset")
    counted = ((offset.name.lower() if isinstance(offset, exp.Expr) else "offset"),) if offset else ()
    holds_rows = any(isinstance(part, Name | Nested) for part in parts) or any(
        each.find(exp.Struct, exp.Query, exp.Tuple, exp.Column) for each in node.expressions
    )
    return Made(parts, name, None if holds_rows else (name,), True, counted)


def _pivoted(source: Source, pivot: exp.Pivot) -> Pivoted:
    alias = pivot.alias.lower()
    if pivot.args.get("unpivot"):
        return _unpivoted(source, pivot, alias)
    parts = tuple(_expr(each) for each in pivot.expressions)
    by = tuple(_expr(field.this) for field in pivot.args.get("fields") or () if isinstance(field, exp.In))
    used = {column.name.lower() for each in pivot.expressions for column in each.find_all(exp.Column)}
    used |= {path.path[-1] for path in by if isinstance(path, Name)}
    made = tuple(column.name.lower() for column in pivot.args.get("columns") or ())
    if not made or any(field.args.get("query") for field in pivot.args.get("fields") or ()):
        raise UntraceableError("a pivot of unknown columns")
    return Pivoted(source, parts, tuple(used), made, by, alias)


def _unpivoted(source: Source, pivot: exp.Pivot, alias: str) -> Pivoted:
    fields = [field for field in pivot.args.get("fields") or () if isinstance(field, exp.In)]
    columns = [column.name.lower() for field in fields for column in field.find_all(exp.Column)]
    made = [item.name.lower() for each in pivot.expressions for item in each.find_all(exp.Identifier)]
    made += [field.this.name.lower() for field in fields]
    taken = [column for column in columns if column not in made]
    return Pivoted(source, tuple(Name((column,)) for column in taken), tuple(columns), tuple(made), (), alias)


# Expressions


def _expr(node: exp.Expr) -> Expr:
    if isinstance(node, exp.Column | exp.Dot):
        return _reference(node)
    if isinstance(node, exp.Star):
        return _star((), node)
    if isinstance(node, exp.Literal):
        return Constant(int(node.name) if node.is_int else None)
    if isinstance(node, _CONSTANTS):
        return Constant()
    if isinstance(node, exp.Exists):
        return Nested(_query(node.this), exists=True) if isinstance(node.this, exp.Query) else _parts(Op.OTHER, node)
    if isinstance(node, exp.Query):
        return Nested(_query(node))
    if isinstance(node, _WRAPS):
        return _window(node) if isinstance(node, exp.Window) else _filtered(node)
    return _operator(node)


def _operator(node: exp.Expr) -> Expr:
    if isinstance(node, _SAME):
        return Part(Op.SAME, (_expr(node.this),))
    if isinstance(node, exp.Cast):
        same = type(node) is exp.Cast and node.to.is_type("text") and not node.args.get("format")
        return Part(Op.SAME if same else Op.OTHER, (_expr(node.this),))
    if isinstance(node, exp.Is):
        is_null = isinstance(node.expression, exp.Null)
        return Part(Op.NULLNESS, (_expr(node.this),)) if is_null else _parts(Op.OTHER, node)
    if isinstance(node, exp.In):
        return _in(node)
    if isinstance(node, exp.Count) and any(isinstance(each, exp.Star) for each in node.iter_expressions()):
        return Constant()
    if isinstance(node, exp.CountIf):
        return Part(Op.GUARD, (_expr(node.this),))
    if isinstance(node, exp.Case | exp.If):
        return _case(node)
    for op, kinds in ((Op.CHOICE, _CHOICE), (Op.EQUAL, _EQUAL), (Op.LOGIC, _LOGIC), (Op.COUNT, _COUNTS)):
        if isinstance(node, kinds):
            return _parts(op, node)
    return _parts(Op.OTHER, node)


def _parts(op: Op, node: exp.Expr) -> Part:
    return Part(op, tuple(_each(node.iter_expressions())))


def _each(nodes: Iterable[exp.Expr]) -> Iterator[Expr]:
    for node in nodes:
        if isinstance(node, exp.PropertyEQ | exp.Kwarg):  # STRUCT(x AS name), f(name => x)
            yield _expr(node.expression)
        elif isinstance(node, exp.Distinct | exp.Ordered | exp.Order | exp.Limit | exp.HavingMax | exp.WindowSpec):
            yield from _each(node.iter_expressions())
        else:
            yield _expr(node)


def _reference(node: exp.Expr) -> Expr:
    """`a.b.c` however sqlglot splits it; `f(x).b` is something made of f(x)."""
    if isinstance(node, exp.Column):
        path = tuple(piece for part in node.parts[:-1] for piece in part.name.lower().split("."))
        if isinstance(node.this, exp.Star):
            return _star(path, node.this)
        return Name((*path, node.name.lower()))
    left, right = _expr(node.this), node.args.get("expression")
    if isinstance(left, Name) and isinstance(right, exp.Identifier):
        return Name((*left.path, right.name.lower()))
    if isinstance(left, Name) and isinstance(right, exp.Star):
        return _star(left.path, right)
    if isinstance(right, exp.Star):
        raise UntraceableError("fields of a value are not known")
    return Part(Op.OTHER, (left, *(_each([right]) if isinstance(right, exp.Expr) else ())))


def _star(of: tuple[str, ...], node: exp.Star) -> Star:
    if node.args.get("rename"):
        raise UntraceableError("renamed columns")
    without = frozenset(each.name.lower() for each in node.args.get("except_") or ())
    replaced = {each.alias.lower(): _expr(each.this) for each in node.args.get("replace") or ()}
    return Star(of, without, replaced)


def _in(node: exp.In) -> Expr:
    others: list[Expr] = list(_each(node.expressions))
    if node.args.get("query") is not None:
        others.append(_expr(node.args["query"]))
    unnest = node.args.get("unnest")
    for array in unnest.expressions if isinstance(unnest, exp.Expr) else ():
        if not isinstance(array, exp.Array):  # any number of guesses
            return _parts(Op.OTHER, node)
        others += _each(array.expressions)
    if node.args.get("field") is not None:
        others.append(_expr(node.args["field"]))
    return Part(Op.EQUAL, (_expr(node.this), *others))


def _case(node: exp.Case | exp.If) -> Expr:
    branches = list(node.args.get("ifs") or ()) if isinstance(node, exp.Case) else [node]
    results = [_expr(branch.args["true"]) for branch in branches if branch.args.get("true") is not None]
    default = node.args.get("default") or node.args.get("false")
    tests = [_expr(branch.this) for branch in branches]
    if isinstance(node, exp.Case) and node.this is not None:
        tests.append(_expr(node.this))
    last = (_expr(default),) if default is not None else ()
    return Part(Op.CHOICE, (*results, *last, Part(Op.OTHER, tuple(tests))))


def _window(node: exp.Window) -> Expr:
    keys = tuple(_expr(each) for each in node.args.get("partition_by") or ())
    order = tuple(_ordered(node.args.get("order")))
    if node.args.get("alias") is not None:
        raise UntraceableError("a named window")
    return Part(Op.OTHER, (_expr(node.this), *order, Part(Op.GROUPING, keys)))


def _filtered(node: exp.Expr) -> Expr:
    if isinstance(node, exp.Filter):
        return Part(Op.OTHER, (_expr(node.this), Part(Op.GUARD, (_expr(node.expression.this),))))
    return Part(Op.SAME, (_expr(node.this),))
