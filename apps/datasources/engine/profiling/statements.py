"""The SQL that measures a table, as BigQuery trees: identifiers are nodes, never pasted text.

1. `sample`: some rows, for recognising personal data and the spelling of times and numbers.
2. `statistics`: every figure of every column in one scan (chunked for wide tables).
3. `values`: top values and histograms, one scan with grouping sets.
4. `arrivals`: rows per day of the time column.
5. `overlap`: how many distinct values of a key exist in another table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from apps.datasources.engine.profiling.families import Family, Field
from apps.datasources.engine.profiling.formats import number_expression, time_expression

COLUMNS_PER_STATEMENT = 40
GROUPS_PER_STATEMENT = 40
SAMPLE_ROWS = 1500
SAMPLE_TEXT = 200
QUANTILES = 20
DAYS = 2000
OVERLAP_VALUES = 2000
_EXACT_ROWS = 1_000_000
_FIRST_DAY = {"DATE": "1900-01-01", "DATETIME": "1900-01-01 00:00:00", "TIMESTAMP": "1900-01-01 00:00:00+00"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A field and how its content is spelled (see `formats`)."""

    field: Field
    time_format: str = ""
    number_format: str = ""

    @property
    def is_time(self) -> bool:
        return bool(self.time_format)

    @property
    def is_number(self) -> bool:
        return not self.is_time and (self.field.family is Family.NUMBER or bool(self.number_format))


@dataclass(frozen=True, slots=True)
class Target:
    """The table to measure: `percent` of it, `rows` expected; a partition column gets a bound that keeps all rows."""

    dataset: str
    name: str
    rows: int | None = None
    percent: int = 100
    partition_column: str | None = None
    partition_type: str = "DATE"


@dataclass(frozen=True, slots=True)
class Bins:
    """Equal-width bins of a number between two bounds; what lies outside falls in the first or last."""

    index: int
    low: float
    high: float
    count: int = 20

    @property
    def width(self) -> float:
        return (self.high - self.low) / self.count


def column(field: Field) -> exp.Expr:
    """The field as a column or, inside a struct, as a path."""
    first, *rest = (exp.to_identifier(part, quoted=True) for part in field.path)
    node: exp.Expr = exp.Column(this=first)
    for part in rest:
        node = exp.Dot(this=node, expression=part)
    return node


def table(target: Target, *, sampled: bool = True) -> exp.Table:
    """The table, with a block sample where one was asked for."""
    node = exp.table_(exp.to_identifier(target.name, quoted=True), db=exp.to_identifier(target.dataset, quoted=True))
    if sampled and target.percent < 100:
        node.set("sample", _system_sample(target.percent))
    return node


def _system_sample(percent: int) -> exp.TableSample:
    return exp.TableSample(method=exp.var("SYSTEM"), percent=exp.Literal.number(percent))


def _from(select: exp.Select, target: Target, *, sampled: bool = True) -> exp.Select:
    bounded = select.from_(table(target, sampled=sampled))
    if target.partition_column is None:
        return bounded
    bound = column(Field((target.partition_column,), target.partition_type))
    first = _FIRST_DAY.get(target.partition_type)
    value: exp.Expr = exp.Literal.number(0)
    if first is not None:
        value = exp.cast(exp.Literal.string(first), target.partition_type, dialect="bigquery")
    return bounded.where(exp.GTE(this=bound, expression=value))


def text_of(field: Field) -> exp.Expr:
    """A field as short text, nested ones as JSON."""
    node = column(field)
    if field.family in {Family.NESTED, Family.ARRAY}:
        node = exp.func("TO_JSON_STRING", node, dialect="bigquery")
    elif field.family is not Family.TEXT:
        return exp.cast(node, "STRING", dialect="bigquery")
    return exp.func("SUBSTR", node, exp.Literal.number(1), exp.Literal.number(SAMPLE_TEXT), dialect="bigquery")


def sample(target: Target, fields: Sequence[Field]) -> Iterator[exp.Select]:
    """Rows spread over the table, at most SAMPLE_ROWS: columns v0, v1, ... as text."""
    for start in range(0, len(fields), COLUMNS_PER_STATEMENT):
        chunk = fields[start : start + COLUMNS_PER_STATEMENT]
        outputs = [exp.alias_(text_of(field), f"v{start + index}") for index, field in enumerate(chunk)]
        statement = _from(exp.select(*outputs), target).limit(SAMPLE_ROWS)
        expected = (target.rows or 0) * target.percent / 100
        if expected > 4 * SAMPLE_ROWS:
            share = round(2 * SAMPLE_ROWS / expected, 6)
            statement = statement.where(exp.LT(this=exp.func("RAND"), expression=exp.Literal.number(str(share))))
        yield statement


def statistics(target: Target, readings: Sequence[Reading]) -> Iterator[exp.Select]:
    """One row of figures for each chunk of columns; outputs are `rows_read` and `c<index>_<figure>`."""
    for start in range(0, max(1, len(readings)), COLUMNS_PER_STATEMENT):
        chunk = readings[start : start + COLUMNS_PER_STATEMENT]
        outputs = [exp.alias_(exp.Count(this=exp.Star()), "rows_read")]
        for offset, reading in enumerate(chunk):
            exact = (target.rows or 0) * target.percent / 100 <= _EXACT_ROWS
            for figure, node in _figures(reading, exact=exact):
                outputs.append(exp.alias_(node, f"c{start + offset}_{figure}"))
        yield _from(exp.select(*outputs), target)


def _figures(reading: Reading, *, exact: bool) -> Iterator[tuple[str, exp.Expr]]:
    field = reading.field
    node = column(field)
    yield "filled", exp.Count(this=node)
    if field.family in {Family.TEXT, Family.NUMBER, Family.TIME, Family.FLAG}:
        counted = exp.Count(this=exp.Distinct(expressions=[node.copy()]))
        yield "distinct", counted if exact else exp.func("APPROX_COUNT_DISTINCT", node.copy(), dialect="bigquery")
    if field.family is Family.TEXT:
        yield from _lengths(exp.func("CHAR_LENGTH", node.copy(), dialect="bigquery"))
    if field.family is Family.ARRAY:
        yield from _lengths(exp.func("ARRAY_LENGTH", node.copy(), dialect="bigquery"))
    if field.family is Family.FLAG:
        yield "true", exp.CountIf(this=node.copy())
    if reading.is_time:
        yield from _bounds(time_expression(node.copy(), field.type, reading.time_format), as_text=True)
    elif reading.is_number:
        yield from _spread(
            exp.cast(number_expression(node.copy(), reading.number_format), "FLOAT64", dialect="bigquery")
        )
    elif field.family is Family.TEXT:
        yield from _bounds(text_of(field), as_text=False)


def _lengths(length: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    yield "length_min", exp.Min(this=length)
    yield "length_max", exp.Max(this=length.copy())
    yield "length_avg", exp.Avg(this=length.copy())


def _bounds(node: exp.Expr, *, as_text: bool) -> Iterator[tuple[str, exp.Expr]]:
    for figure, kind in (("min", exp.Min), ("max", exp.Max)):
        bound: exp.Expr = kind(this=node.copy())
        yield figure, exp.cast(bound, "STRING", dialect="bigquery") if as_text else bound


def _spread(number: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    yield from _bounds(number, as_text=False)
    yield "mean", exp.Avg(this=number.copy())
    yield "deviation", exp.Stddev(this=number.copy())
    yield "negative", exp.CountIf(this=exp.LT(this=number.copy(), expression=exp.Literal.number(0)))
    yield "quantiles", exp.func("APPROX_QUANTILES", number.copy(), exp.Literal.number(QUANTILES), dialect="bigquery")


def values(
    target: Target, readings: Sequence[Reading], top: Sequence[int], bins: Sequence[Bins]
) -> Iterator[exp.Select]:
    """Counts by value (`g<index>`) for `top`, by bin (`b<index>`) for `bins`; each row fills one of them."""
    groups = [(f"g{index}", text_of(readings[index].field)) for index in top]
    groups += [(f"b{item.index}", _bin(readings[item.index], item)) for item in bins]
    for start in range(0, len(groups), GROUPS_PER_STATEMENT):
        chunk = groups[start : start + GROUPS_PER_STATEMENT]
        inner = _from(exp.select(*(exp.alias_(node, name) for name, node in chunk)), target)
        sets = [exp.Tuple(expressions=[exp.column(name)]) for name, _ in chunk]
        outer = exp.select(*(exp.column(name) for name, _ in chunk), exp.alias_(exp.Count(this=exp.Star()), "n"))
        outer = outer.from_(inner.subquery("v"))
        outer.set("group", exp.Group(grouping_sets=[exp.GroupingSets(expressions=sets)]))
        yield outer


def _bin(reading: Reading, bins: Bins) -> exp.Expr:
    """The bin's place; what lies above the last bin falls in it, what lies below comes out negative."""
    number = exp.cast(number_expression(column(reading.field), reading.number_format), "FLOAT64", dialect="bigquery")
    shifted = exp.Paren(this=exp.Sub(this=number, expression=_number(bins.low)))
    place = exp.Floor(this=exp.Div(this=shifted, expression=_number(bins.width)))
    above = exp.GTE(this=number.copy(), expression=_number(bins.high))
    capped = exp.If(this=above, true=_number(bins.count - 1), false=place)
    return exp.cast(capped, "INT64", dialect="bigquery")


def _number(value: float) -> exp.Expr:
    node = exp.Literal.number(repr(abs(float(value))))
    return exp.Paren(this=exp.Neg(this=node)) if value < 0 else node


def arrivals(target: Target, reading: Reading) -> exp.Select:
    """Rows per day, newest first, with the latest time of each; the whole table, this one column."""
    moment = time_expression(column(reading.field), reading.field.type, reading.time_format)
    day: exp.Expr = exp.func("DATE", moment.copy(), dialect="bigquery")
    if reading.field.type == "DATE":
        day = moment.copy()
    inner = _from(exp.select(exp.alias_(day, "day"), exp.alias_(moment, "moment")), target, sampled=False)
    latest = exp.cast(exp.Max(this=exp.column("moment")), "STRING", dialect="bigquery")
    outputs = (exp.column("day"), exp.alias_(exp.Count(this=exp.Star()), "n"), exp.alias_(latest, "latest"))
    known = exp.Not(this=exp.Is(this=exp.column("day"), expression=exp.Null()))
    outer = exp.select(*outputs).from_(inner.subquery("m")).where(known).group_by(exp.column("day"))
    return outer.order_by(exp.Ordered(this=exp.column("day"), desc=True, nulls_first=False)).limit(DAYS)


def overlap(child: Target, child_column: str, parent: Target, parent_column: str) -> exp.Select:
    """`checked` distinct values of the child's column, `found` of them in the parent's."""
    key = column(Field((child_column,), ""))
    filled = exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null()))
    values_ = _from(exp.select(exp.alias_(key, "k")).distinct(), child).where(filled).limit(OVERLAP_VALUES)
    parents = _from(exp.select(exp.alias_(column(Field((parent_column,), "")), "k")).distinct(), parent, sampled=False)
    on = exp.EQ(this=exp.column("k", table="c"), expression=exp.column("k", table="p"))
    outputs = (
        exp.alias_(exp.Count(this=exp.Star()), "checked"),
        exp.alias_(exp.Count(this=exp.column("k", table="p")), "found"),
    )
    return exp.select(*outputs).from_(values_.subquery("c")).join(parents.subquery("p"), on=on, join_type="left")


def bigquery(statement: exp.Expr) -> str:
    """The text of a statement, in BigQuery's dialect."""
    return statement.sql(dialect="bigquery")
