"""Differences between BigQuery and DuckDB that sqlglot leaves open, repaired on the qualified and typed tree.

Each function returns the node to put in place of the one it got; `rewritten` walks the tree bottom up.
"""

from collections.abc import Callable

from sqlglot import exp

from apps.datasources.engine.bigquery.errors import BigQuerySqlError
from apps.datasources.engine.bigquery.macros import PASSED

SAFE_CALL = "TRY"
"""DuckDB's way to get NULL instead of an error."""
_READERS = ("ReadCSV", "ReadParquet")
_DATE = exp.DataType.Type.DATE
_INSTANTS = (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMP, exp.DataType.Type.DATETIME)


def rewritten(tree: exp.Expr) -> exp.Expr:
    """The tree with every node DuckDB would read differently replaced; refuses functions BigQuery does not have."""
    for node in list(tree.walk(bfs=False))[::-1]:
        change = _CHANGES.get(type(node))
        if change is None:
            continue
        new = change(node)
        if new is not node and node.parent is not None:
            node.replace(new)
        elif new is not node:
            tree = new
    return tree


def _call(name: str, *args: exp.Expr | str | int) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[_node(arg) for arg in args])


def _node(value: exp.Expr | str | int) -> exp.Expr:
    if isinstance(value, exp.Expr):
        return value
    return exp.Literal.string(value) if isinstance(value, str) else exp.Literal.number(value)


def _cast(node: exp.Expr, to: str) -> exp.Cast:
    return exp.Cast(this=node, to=exp.DataType.build(to, dialect="duckdb"))


def _has_type(node: exp.Expr, *kinds: object) -> bool:
    return node.type is not None and node.type.this in kinds


def _anonymous(node: exp.Anonymous) -> exp.Expr:
    name = node.name.lower()
    if isinstance(node.parent, exp.Dot | exp.NetFunc) or node.name == SAFE_CALL:
        return node
    if name in {"timestamp_bucket", "datetime_bucket", "date_bucket"}:
        return _bucket(node, name)
    if name not in PASSED:
        raise BigQuerySqlError(f"Function not found: {node.name}")
    return node


def _bucket(node: exp.Anonymous, name: str) -> exp.Expr:
    value, width = node.expressions[0], node.expressions[1]
    kind = {"date_bucket": "DATE", "datetime_bucket": "TIMESTAMP"}.get(name, "TIMESTAMPTZ")
    origin = node.expressions[2] if len(node.expressions) > 2 else _cast(exp.Literal.string("1950-01-01"), kind)
    return _cast(_call("time_bucket", width, value, origin), kind)


def _net(node: exp.NetFunc) -> exp.Expr:
    names = {exp.Host: "net_host", exp.RegDomain: "net_reg_domain"}
    name = names.get(type(node.this))
    if name is None:
        raise BigQuerySqlError(f"Function not found: NET.{node.this.name}")
    return _call(name, node.this.this.copy())


def _dotted(node: exp.Dot) -> exp.Expr:
    """Functions in a namespace (datasets, HLL_COUNT, KEYS, ML) do not exist here; fields of a STRUCT pass."""
    if isinstance(node.expression, exp.Func):
        raise BigQuerySqlError(f"Function not found: {node.this.name}.{node.expression.name}")
    return node


def _extract(node: exp.Extract) -> exp.Expr:
    part, value = node.this.sql(dialect="bigquery").upper(), node.expression
    if part == "DAYOFWEEK":
        return _call("bq_dow", value)
    if part in {"WEEK", "WEEK(SUNDAY)"}:
        return _call("bq_week", value)
    if part in {"DATE", "TIME"}:
        return _cast(value, part)
    if part in {"MILLISECOND", "MICROSECOND"}:
        return exp.Mod(this=node.copy(), expression=_node(1000 if part == "MILLISECOND" else 1000000))
    renamed = {"ISOWEEK": "WEEK", "WEEK(MONDAY)": "WEEK", "DAYOFYEAR": "DOY"}.get(part)
    return exp.Extract(this=exp.var(renamed), expression=value.copy()) if renamed else node


def _array_agg(node: exp.ArrayAgg | exp.GroupConcat) -> exp.Expr:
    """IGNORE NULLS, ORDER BY and LIMIT inside the call become a filter and a slice."""
    value, ignore, limit, order = node.this, False, None, None
    while isinstance(value, exp.IgnoreNulls | exp.RespectNulls | exp.Limit | exp.Order):
        ignore = ignore or isinstance(value, exp.IgnoreNulls)
        limit = value.expression if isinstance(value, exp.Limit) else limit
        order = value if isinstance(value, exp.Order) else order
        value = value.this
    outer = node.parent
    ignore = ignore or isinstance(outer, exp.IgnoreNulls)
    if limit is None and not ignore:
        return node
    inner = value.expressions[0] if isinstance(value, exp.Distinct) else value
    kept = exp.Order(this=value.copy(), expressions=order.expressions) if order is not None else value.copy()
    listed: exp.Expr = exp.ArrayAgg(this=kept)
    if ignore or isinstance(node, exp.GroupConcat):
        filled = exp.Not(this=exp.Is(this=inner.copy(), expression=exp.Null()))
        listed = exp.Filter(this=listed, expression=exp.Where(this=filled))
    listed = listed if limit is None else _call("list_slice", listed, 1, limit.copy())
    if isinstance(node, exp.GroupConcat):
        return _call("array_to_string", listed, node.args.get("separator") or ",")
    return listed


def _ignore_nulls(node: exp.IgnoreNulls) -> exp.Expr:
    """The wrapper around an aggregate whose filter already leaves NULL out, or that never counts NULL anyway."""
    inner = node.this
    windowed = isinstance(inner, exp.FirstValue | exp.LastValue | exp.NthValue | exp.Lag | exp.Lead)
    return node if windowed else inner


def _date_result(node: exp.Expr) -> exp.Expr:
    """DuckDB answers a TIMESTAMP where BigQuery keeps a DATE (adding, subtracting, truncating)."""
    return node if _has_type(node.this, *_INSTANTS) or isinstance(node.parent, exp.Cast) else _cast(node.copy(), "DATE")


def _timestamp_trunc(node: exp.TimestampTrunc) -> exp.Expr:
    zone = node.args.get("zone")
    if zone is None:
        return node
    local = exp.AtTimeZone(this=node.this.copy(), zone=zone.copy())
    return exp.AtTimeZone(this=_call("date_trunc", node.args["unit"].name, local), zone=zone.copy())


def _timestamp_diff(node: exp.TimestampDiff) -> exp.Expr:
    """Whole units between two instants; DuckDB's date_diff would count the boundaries crossed."""
    return _call("date_sub", node.args["unit"].name.lower(), node.expression.copy(), node.this.copy())


def _as_timestamp(node: exp.Expr) -> exp.Expr:
    return node if isinstance(node.parent, exp.Cast) else _cast(node.copy(), "TIMESTAMPTZ")


def _number(node: exp.Literal) -> exp.Expr:
    """2.5 is a FLOAT64 to BigQuery and a DECIMAL to DuckDB; in scientific notation both read a double."""
    text = node.this
    if node.is_string or "." not in text or "e" in text.lower() or isinstance(node.parent, exp.TableSample):
        return node
    return exp.Literal.number(f"{text}e0")


def _numeric(node: exp.DataType) -> exp.Expr:
    if node.expressions:
        return node
    scale = {exp.DataType.Type.DECIMAL: 9, exp.DataType.Type.BIGDECIMAL: 18}.get(node.this)
    return node if scale is None else exp.DataType.build(f"DECIMAL(38, {scale})", dialect="duckdb")


def _text_of(node: exp.String) -> exp.Expr:
    """STRING(json) takes the text out of a JSON value; STRING(time) prints it."""
    if _has_type(node.this, exp.DataType.Type.JSON):
        return _call("lax_string", node.this.copy())
    return _cast(node.this.copy(), "VARCHAR")


def _format(node: exp.Format) -> exp.Expr:
    pattern = node.this
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise BigQuerySqlError("FORMAT takes a literal format string here.", reason="notImplemented")
    plain = pattern.this.replace("%t", "%s").replace("%T", "%s").replace("%'d", "%,d")
    return _call("printf", plain, *(item.copy() for item in node.expressions))


def _sample(node: exp.TableSample) -> exp.Expr:
    """Blocks of a small table would give all or nothing: rows are drawn one by one instead."""
    node.set("method", exp.var("BERNOULLI"))
    return node


def _unnest(node: exp.Unnest) -> exp.Expr:
    """WITH OFFSET counts from 0, DuckDB's ORDINALITY from 1: a lateral subquery numbers the elements itself."""
    offset, alias = node.args.get("offset"), node.args.get("alias")
    if not offset or not isinstance(node.parent, exp.From | exp.Join):
        return node
    array = node.expressions[0]
    columns = list(alias.columns) if alias is not None else []
    number = offset if isinstance(offset, exp.Identifier) else exp.to_identifier("offset")
    named = [*columns[:1], number] if columns else [alias.this if alias is not None else number, number]
    places = _call("range", _call("len", array.copy()))
    body = exp.select(exp.Unnest(expressions=[array.copy()]), exp.Unnest(expressions=[places]))
    table_alias = exp.TableAlias(this=alias.this if alias is not None else None, columns=[c.copy() for c in named])
    return exp.Lateral(this=body.subquery(), alias=table_alias)


def _top_count(node: exp.ApproxTopK) -> exp.Expr:
    return _call("bq_top_count", node.this.copy(), node.expression.copy())


def _refused(node: exp.Expr) -> exp.Expr:
    raise BigQuerySqlError(f"Function not found: {node.sql_name() if isinstance(node, exp.Func) else node.key}")


def _unavailable(node: exp.Expr) -> exp.Expr:
    raise BigQuerySqlError(f"{node.key.upper()} is not available in the sandbox.", reason="notImplemented")


_Change = Callable[..., exp.Expr]
_CHANGES: dict[type[exp.Expr], _Change] = {
    exp.Anonymous: _anonymous,
    exp.Dot: _dotted,
    exp.NetFunc: _net,
    exp.Extract: _extract,
    exp.ArrayAgg: _array_agg,
    exp.GroupConcat: _array_agg,
    exp.IgnoreNulls: _ignore_nulls,
    exp.DateAdd: _date_result,
    exp.DateSub: _date_result,
    exp.DateTrunc: _date_result,
    exp.LastDay: _date_result,
    exp.DateFromUnixDate: _date_result,
    exp.TimestampTrunc: _timestamp_trunc,
    exp.TimestampDiff: _timestamp_diff,
    exp.UnixToTime: _as_timestamp,
    exp.StrToTime: _as_timestamp,
    exp.Literal: _number,
    exp.DataType: _numeric,
    exp.Format: _format,
    exp.TableSample: _sample,
    exp.Unnest: _unnest,
    exp.ApproxTopK: _top_count,
    exp.String: _text_of,
    exp.Normalize: lambda node: _call("nfc_normalize", node.this.copy()),
    exp.FarmFingerprint: _unavailable,
    exp.Soundex: _unavailable,
    exp.ByteLength: lambda node: _call("byte_length", node.this.copy()),
    exp.CurrentDatetime: lambda _: _cast(exp.CurrentTimestamp(), "TIMESTAMP"),
    exp.CurrentTime: lambda _: _cast(exp.CurrentTimestamp(), "TIME"),
    exp.CurrentUser: _refused,
    exp.SessionUser: _refused,
    **{getattr(exp, name): _refused for name in _READERS if hasattr(exp, name)},
}
