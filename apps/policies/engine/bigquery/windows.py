"""Puts a time window on the reading of one table, in the tree, without changing what any join means.

In a SELECT whose joins only take rows away the bound goes into its WHERE; anywhere else the table becomes a subquery
that holds the bound, so that an outer join stays one.
"""

from typing import Final

from sqlglot import exp

from apps.policies.engine.bigquery.scopes import Scope, Source

_NOW: Final[dict[str, tuple[type[exp.Func], type[exp.Func]]]] = {
    "DATE": (exp.DateSub, exp.CurrentDate),
    "DATETIME": (exp.DatetimeSub, exp.CurrentDatetime),
    "TIMESTAMP": (exp.TimestampSub, exp.CurrentTimestamp),
}
TYPES: Final = frozenset(_NOW)
"""Column types a window can be put on."""


def put(scope: Scope, source: Source, column: str, kind: str, days: int) -> None:
    """Bound `column` of the source to the last `days` days. Changes the tree."""
    if _is_plain(scope, source):
        qualifier = source.node.alias_or_name if len(scope.sources) > 1 else None
        scope.select.where(_bound(column, kind, days, qualifier), copy=False)
        return
    table = source.node
    assert isinstance(table, exp.Table)
    holder = exp.Subquery(this=exp.Select(expressions=[exp.Star()]))
    table.replace(holder)
    for key in ("alias", "pivots", "joins"):
        holder.set(key, table.args.get(key))
        table.set(key, None)
    if holder.args.get("alias") is None:
        holder.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
    holder.this.set("from_", exp.From(this=table))
    holder.this.where(_bound(column, kind, days, None), copy=False)


def _bound(column: str, kind: str, days: int, qualifier: str | None) -> exp.Expr:
    earlier, now = _NOW[kind]
    table = exp.to_identifier(qualifier, quoted=True) if qualifier else None
    start = earlier(this=now(), expression=exp.Literal.string(str(days)), unit=exp.var("DAY"))
    return exp.GTE(this=exp.Column(this=exp.to_identifier(column, quoted=True), table=table), expression=start)


def _is_plain(scope: Scope, source: Source) -> bool:
    """No outer join, nothing on the table itself that a WHERE would come too late for."""
    outer = any(each.join is not None and each.join.side for each in scope.sources)
    special = any(each.join is not None and each.join.method for each in scope.sources)
    qualified = source.node.args.get("pivots") or "*" in source.name
    return not (outer or special or qualified)
