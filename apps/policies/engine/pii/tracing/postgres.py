"""Lowers libpg_query's tree of one SELECT. Nodes without a rule of their own give something made of all under them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias

import pgparse

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
    Query,
    Rows,
    Select,
    Source,
    Star,
    Stored,
    UntraceableError,
    With,
)

Node = dict[str, Any]
Rule: TypeAlias = Callable[[Node, Node], Expr]
_SAME_FUNCTIONS: Final = frozenset({"lower", "upper", "btrim", "ltrim", "rtrim", "trim"})
_TEXTS: Final = frozenset({"text", "varchar", "bpchar", "citext"})
_ELEMENTS: Final = frozenset(
    {"unnest", "json_array_elements", "jsonb_array_elements", "json_array_elements_text", "jsonb_array_elements_text"}
)
_SCALAR_ROWS: Final = _ELEMENTS | {
    "generate_series", "generate_subscripts", "regexp_split_to_table", "string_to_table", "json_object_keys",
    "jsonb_object_keys",
}  # fmt: skip
_EQUALITY: Final = frozenset({"=", "<>"})


def lowered(sql: str) -> Query:
    """The query of `sql`. Raises UntraceableError where there is not exactly one SELECT."""
    try:
        statements = pgparse.parse(sql)
    except (pgparse.PGQueryError, UnicodeError, ValueError) as error:
        raise UntraceableError("this text cannot be read") from error
    body = statements[0]["stmt"].get("SelectStmt") if len(statements) == 1 else None
    if body is None:
        raise UntraceableError("this is no SELECT")
    return _query(body)


def _query(node: Node) -> Query:
    ctes = _with(node.get("withClause"))
    windows = {item["WindowDef"]["name"]: item["WindowDef"] for item in node.get("windowClause", [])}
    order = tuple(_expr(item["SortBy"]["node"], windows) for item in node.get("sortClause", []))
    bounds = tuple(_expr(node[name], windows) for name in ("limitCount", "limitOffset") if name in node)
    if node.get("op", "SETOP_NONE") != "SETOP_NONE":
        compares = not (node["op"] == "SETOP_UNION" and node.get("all"))
        left, right = _query(node["larg"]), _query(node["rarg"])
        return Combined(left, right, compares, order=order, bounds=bounds, ctes=ctes)
    if "valuesLists" in node:
        rows = tuple(tuple(_expr(each, {}) for each in row["List"]["items"]) for row in node["valuesLists"])
        return Rows(rows, ctes=ctes)
    return _select(node, windows, Select((), ctes=ctes, order=order, bounds=bounds))


def _select(node: Node, windows: Node, frame: Select) -> Select:
    distinct = node.get("distinctClause", [])
    on = [each for each in distinct if each]
    return replace(
        frame,
        outputs=tuple(_output(item["ResTarget"], windows) for item in node.get("targetList", [])),
        sources=tuple(_source(item) for item in node.get("fromClause", [])),
        conditions=tuple(_expr(node[name], windows) for name in ("whereClause", "havingClause") if name in node),
        keys=tuple(_expr(each, windows) for each in (*node.get("groupClause", []), *on)),
        distinct=bool(distinct) and not on,
    )


def _with(clause: Node | None) -> With:
    if not clause:
        return With()
    entries = []
    for item in clause.get("ctes", []):
        entry = item["CommonTableExpr"]
        body = entry["ctequery"].get("SelectStmt")
        if body is None or "search_clause" in entry or "cycle_clause" in entry:
            raise UntraceableError("a named query is no plain SELECT")
        entries.append((entry["ctename"], _query(body), _names(entry.get("aliascolnames"))))
    return With(tuple(entries), bool(clause.get("recursive")))


def _names(items: list[Node] | None) -> tuple[str, ...]:
    return tuple(item["String"]["sval"] for item in items or [] if "String" in item)


def _output(target: Node, windows: Node) -> Output:
    value = target["val"]
    expr = _expr(value, windows)
    return Output(expr, target.get("name") or _shown_name(value))


def _shown_name(value: Node) -> str:
    """The name Postgres would give; only bare columns are referred to by it."""
    fields = value.get("ColumnRef", {}).get("fields") or [{}]
    return str(fields[-1].get("String", {}).get("sval", ""))


# Sources


def _source(node: Node) -> Source:
    kind, body = next(iter(node.items()))
    alias = body.get("alias", {})
    name, columns = alias.get("aliasname", ""), _names(alias.get("colnames"))
    match kind:
        case "RangeVar":
            path = tuple(body[part] for part in ("catalogname", "schemaname", "relname") if body.get(part))
            return Stored(path, name, columns)
        case "RangeSubselect":
            return Derived(_query(body["subquery"]["SelectStmt"]), name, columns, bool(body.get("lateral")))
        case "RangeFunction":
            return _function_rows(body, name, columns)
        case "RangeTableSample":
            return _source(body["relation"])
        case "JoinExpr":
            return _join(body, name, columns)
    parts = tuple(_children(body, {}))
    return Made(parts, name, columns or None)


def _join(body: Node, name: str, columns: tuple[str, ...]) -> Joined:
    shared = body.get("join_using_alias", {}).get("aliasname")
    if shared:
        raise UntraceableError("a name for the columns of USING")
    on = _expr(body["quals"], {}) if "quals" in body else None
    left, right = _source(body["larg"]), _source(body["rarg"])
    return Joined(left, right, on, _names(body.get("usingClause")), bool(body.get("isNatural")), name, columns)


def _function_rows(body: Node, alias: str, columns: tuple[str, ...]) -> Made:
    calls = [item["List"]["items"][0] for item in body.get("functions", [])]
    names = [_function(call["FuncCall"]) if "FuncCall" in call else "" for call in calls]
    parts = tuple(part for call in calls for part in (_children(call, {})))
    counted = (columns[-1] if len(columns) > len(calls) else "ordinality",) if body.get("ordinality") else ()
    defined = tuple(item["ColumnDef"]["colname"] for item in body.get("coldeflist", []))
    known: tuple[str, ...] | None = None
    if defined:
        known = defined
    elif all(name in _SCALAR_ROWS for name in names):
        given = columns[: len(calls)]
        known = given + tuple(alias or name for name in names[len(given) :]) if len(calls) > 1 else (
            given or (alias or names[0],)
        )  # fmt: skip
    elif names in (["json_each"], ["jsonb_each"], ["json_each_text"], ["jsonb_each_text"]):
        known = columns[:2] if len(columns) >= 2 else ("key", "value")
    return Made(parts, alias or names[0], known, all(name in _ELEMENTS for name in names), counted)


# Expressions


def _expr(node: Any, windows: Node) -> Expr:
    if not isinstance(node, dict) or not node:
        return Constant()
    kind, body = next(iter(node.items()))
    rule = _RULES.get(kind)
    return rule(body, windows) if rule is not None else Part(Op.OTHER, tuple(_children(body, windows)))


def _constant(body: Node, _windows: Node) -> Expr:
    value = body.get("ival")
    return Constant(int(value.get("ival", 0)) if isinstance(value, dict) else None)


def _cast(body: Node, windows: Node) -> Expr:
    return Part(Op.SAME if _is_text(body) else Op.OTHER, (_expr(body["arg"], windows),))


def _of(op: Op, field: str) -> Rule:
    """A rule for nodes that do `op` to what stands in `field`."""

    def rule(body: Node, windows: Node) -> Expr:
        under = body.get(field)
        return Part(op, _list(under if isinstance(under, list) else [under], windows))

    return rule


def _list(items: Any, windows: Node) -> tuple[Expr, ...]:
    return tuple(_expr(item, windows) for item in items or [])


def _children(body: Any, windows: Node) -> Iterator[Expr]:
    """Every expression below, whatever the fields between are called."""
    if isinstance(body, list):
        for item in body:
            yield from _children(item, windows)
    elif isinstance(body, dict):
        for name, value in body.items():
            if name[0].isupper():
                yield _expr({name: value}, windows)
            else:
                yield from _children(value, windows)


def _reference(body: Node, _windows: Node) -> Expr:
    fields = body["fields"]
    path = tuple(field["String"]["sval"] for field in fields if "String" in field)
    return Star(path) if any("A_Star" in field for field in fields) else Name(path)


def _is_text(body: Node) -> bool:
    names = [part["String"]["sval"] for part in body["typeName"].get("names", []) if "String" in part]
    return bool(names) and names[-1] in _TEXTS and "typmods" not in body["typeName"]


def _operator(body: Node, windows: Node) -> Expr:
    name = body["name"][-1].get("String", {}).get("sval", "") if body.get("name") else ""
    left, right = body.get("lexpr"), body.get("rexpr")
    kind = body["kind"]
    if name in _EQUALITY and kind in ("AEXPR_IN", "AEXPR_OP_ANY", "AEXPR_OP_ALL"):
        listed = right.get("List", {}).get("items") if isinstance(right, dict) else None
        listed = listed or (right.get("A_ArrayExpr", {}).get("elements") if isinstance(right, dict) else None)
        if listed is None:  # an array that is one constant holds any number of guesses
            return Part(Op.OTHER, (_expr(left, windows), _expr(right, windows)))
        return Part(Op.EQUAL, (_expr(left, windows), *_list(listed, windows)))
    if kind in ("AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT") or (kind == "AEXPR_OP" and name in _EQUALITY):
        return Part(Op.EQUAL, (_expr(left, windows), _expr(right, windows)))
    return Part(Op.OTHER, tuple(_children([left, right], windows)))


def _sublink(body: Node, windows: Node) -> Expr:
    query = _query(body["subselect"]["SelectStmt"])
    kind = body["subLinkType"]
    if kind == "EXISTS_SUBLINK":
        return Nested(query, exists=True)
    if "testexpr" not in body:
        return Nested(query)
    operator = body.get("operName", [{}])[-1].get("String", {}).get("sval", "=")
    op = Op.EQUAL if operator in _EQUALITY else Op.OTHER
    return Part(op, (_expr(body["testexpr"], windows), Nested(query)))


def _function(body: Node) -> str:
    names = [part["String"]["sval"] for part in body.get("funcname", []) if "String" in part]
    return names[-1] if names else ""


def _call(body: Node, windows: Node) -> Expr:
    name, arguments = _function(body), list(_list(body.get("args"), windows))
    arguments += [_expr(item["SortBy"]["node"], windows) for item in body.get("agg_order", [])]
    beside: list[Expr] = []
    if "agg_filter" in body:
        beside.append(Part(Op.GUARD, (_expr(body["agg_filter"], windows),)))
    if "over" in body:
        arguments_of_window, keys = _window(body["over"], windows)
        arguments += arguments_of_window
        beside.append(Part(Op.GROUPING, keys))
    if name == "count" and "over" not in body:
        return Part(Op.COUNT, (*arguments, *beside))
    if name == "count":
        counted = Part(Op.COUNT, _list(body.get("args"), windows))
        return Part(Op.OTHER, (counted, *arguments_of_window, *beside))
    same = name in _SAME_FUNCTIONS and len(arguments) == 1
    return Part(Op.SAME if same else Op.OTHER, (*arguments, *beside))


def _window(over: Node, windows: Node) -> tuple[tuple[Expr, ...], tuple[Expr, ...]]:
    """What orders the rows (and bounds the frame), and the keys; of the windows it is built on too."""
    order: list[Expr] = []
    keys: list[Expr] = []
    names = {name for name in (over.get("name"), over.get("refname")) if name}
    pending, seen = [over], set[str]()
    while pending:
        window = pending.pop()
        order += [_expr(item["SortBy"]["node"], {}) for item in window.get("orderClause", [])]
        order += [_expr(window[name], {}) for name in ("startOffset", "endOffset") if name in window]
        keys += _list(window.get("partitionClause"), {})
        names = {name for name in (window.get("name"), window.get("refname")) if name} - seen
        seen |= names
        pending += [windows[name] for name in names if name in windows and windows[name] is not window]
    return tuple(order), tuple(keys)


def _case(body: Node, windows: Node) -> Expr:
    whens = [item["CaseWhen"] for item in body.get("args", [])]
    results = [_expr(when["result"], windows) for when in whens]
    results.append(_expr(body.get("defresult"), windows))
    tests = [_expr(when["expr"], windows) for when in whens]
    if "arg" in body:
        tests.append(_expr(body["arg"], windows))
    return Part(Op.CHOICE, (*results, Part(Op.OTHER, tuple(tests))))


def _field(body: Node, windows: Node) -> Expr:
    """`(t).email`, `(f(x)).*`, `a[1]`."""
    arg, steps = _expr(body["arg"], windows), body.get("indirection", [])
    if any("A_Star" in step for step in steps):
        if isinstance(arg, Name) and len(steps) == 1:
            return Star(arg.path)
        raise UntraceableError("fields of a value are not known")
    names = tuple(step["String"]["sval"] for step in steps if "String" in step)
    if isinstance(arg, Name) and names and len(names) == len(steps):
        return Name((*arg.path, *names))
    return Part(Op.OTHER, (arg, *_children(steps, windows)))


_RULES: Final[Mapping[str, Rule]] = {
    "ColumnRef": _reference,
    "A_Const": _constant,
    "ParamRef": lambda _body, _windows: Constant(),
    "SQLValueFunction": lambda _body, _windows: Constant(),
    "TypeCast": _cast,
    "CollateClause": _of(Op.SAME, "arg"),
    "BoolExpr": _of(Op.LOGIC, "args"),
    "NullTest": _of(Op.NULLNESS, "arg"),
    "CoalesceExpr": _of(Op.CHOICE, "args"),
    "RowExpr": _of(Op.CHOICE, "args"),
    "A_ArrayExpr": _of(Op.CHOICE, "elements"),
    "GroupingSet": _of(Op.CHOICE, "content"),
    "A_Expr": _operator,
    "SubLink": _sublink,
    "FuncCall": _call,
    "CaseExpr": _case,
    "A_Indirection": _field,
    "SelectStmt": lambda body, _windows: Nested(_query(body)),
}
