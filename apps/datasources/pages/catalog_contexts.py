"""What the catalog's pages show: typed contexts, written out for the templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.datasources.contracts import SemanticType
from apps.datasources.engine.profiling.arrivals import hours_since
from apps.datasources.models import CatalogColumn, CatalogTable, Datasource, Recommendation
from apps.datasources.selectors import catalog

BAR_HEIGHT = 28


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a mini histogram, in a box of 20 × BAR_HEIGHT per cent-like units."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column of the table page."""

    column: CatalogColumn
    hidden_as: str | None
    bars: tuple[Bar, ...]
    top: tuple[tuple[str, int, float], ...]
    range: str
    distinct: str
    null_width: float
    note: str


@dataclass(frozen=True, slots=True)
class CatalogContext:
    """The list of tables."""

    tables: Sequence[CatalogTable]
    next_cursor: str | None
    datasources: Sequence[Datasource]
    chosen: str
    text: str
    can_profile: bool


@dataclass(frozen=True, slots=True)
class TableContext:
    """One table."""

    table: CatalogTable
    lines: Sequence[ColumnLine]
    advice: Recommendation | None
    role_name: str
    hours: float | None
    percent: int | None
    missing_days: Sequence[str]
    arrivals: dict[str, Any] | None
    drift: Sequence[dict[str, object]]
    semantics: Sequence[str]
    can_write: bool
    can_profile: bool
    can_sample: bool


@dataclass(frozen=True, slots=True)
class SampleContext:
    """Some rows of a table, redacted for the viewer."""

    columns: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    redacted: Sequence[str]
    simulated: bool
    query_hash: str


@dataclass(frozen=True, slots=True)
class ProgressContext:
    """A profile under way, or done."""

    run: Any
    topic: str
    datasource: Datasource
    tables: Sequence[CatalogTable]
    done: int
    total: int
    failed: int
    message: str
    protected: int
    to_review: int


def column_line(column: CatalogColumn, table: CatalogTable) -> ColumnLine:
    """A column written out; of hidden columns no stored value is shown."""
    facts, hidden = column.facts, column.hidden_as
    if column.name == table.profile.get("time_column"):
        facts = facts | {"histogram": _weeks(table.profile.get("arrivals", ()))}
    total = sum(count for _, count in facts.get("top_values", ())) or 1
    top = () if hidden else tuple((value, n, n / total) for value, n in facts.get("top_values", ())[:8])
    return ColumnLine(
        column=column,
        hidden_as=hidden,
        bars=() if hidden else bars_of(facts),
        top=top,
        range="" if hidden else _range(facts),
        distinct=_distinct(column),
        null_width=round(100 * (column.null_share or 0.0), 1),
        note=_note(facts),
    )


def bars_of(facts: dict[str, Any]) -> tuple[Bar, ...]:
    """The mini histogram: bins of numbers, else the most frequent values."""
    bins = [(f"{_short(low)} to {_short(high)}", count) for low, high, count in facts.get("histogram", ())]
    if not bins:
        bins = [(value, count) for value, count in facts.get("top_values", ())[:12]]
    most = max((count for _, count in bins), default=0)
    if not most:
        return ()
    width = 100 / len(bins)
    return tuple(
        Bar(
            round(place * width + 0.5, 2),
            round(BAR_HEIGHT - max(1.0, BAR_HEIGHT * count / most), 2) if count else BAR_HEIGHT,
            round(width - 1, 2),
            round(max(1.0, BAR_HEIGHT * count / most), 2) if count else 0,
            f"{label}: {count:,}",
        )
        for place, (label, count) in enumerate(bins)
    )


def _weeks(arrivals: Sequence[Sequence[Any]]) -> list[tuple[str, str, int]]:
    """Rows per day gathered into at most twenty spans."""
    size = -(-len(arrivals) // 20) or 1
    spans = [arrivals[start : start + size] for start in range(0, len(arrivals), size)]
    return [(span[0][0], span[-1][0], sum(count for _, count in span)) for span in spans]


def _short(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, int | float) else str(value)


def _range(facts: dict[str, Any]) -> str:
    low, high = facts.get("minimum"), facts.get("maximum")
    if low is None or high is None:
        return ""
    text = f"{_cut(low)} … {_cut(high)}"
    return f"at least {text}" if facts.get("bounds") else text


def _cut(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"
    text = str(value)
    return text[:19] + "…" if len(text) > 24 else text


def _distinct(column: CatalogColumn) -> str:
    if column.distinct is None:
        return "–"
    about = "≈ " if column.facts.get("distinct_error") else ""
    return f"{about}{column.distinct:,}"


def _note(facts: dict[str, Any]) -> str:
    notes = []
    if facts.get("time_format", "") not in {"", "native"}:
        notes.append(f"time kept as {facts['time_format'].replace('_', ' ')}")
    if facts.get("number_format"):
        notes.append("numbers kept as text")
    if facts.get("null_error"):
        notes.append(f"nulls ± {100 * facts['null_error']:.2g} points")
    return ", ".join(notes)


def arrivals_chart(table: CatalogTable) -> dict[str, Any] | None:
    """Rows per day as a chart spec, with the missing days marked."""
    days = table.profile.get("arrivals", ())
    if len(days) < 3:
        return None
    return {
        "type": "area",
        "title": "Rows per day",
        "description": f"Rows of {table} by day of {table.profile.get('time_column')}",
        "x": {"field": "day", "type": "time", "name": "Day"},
        "series": [{"field": "rows", "name": "Rows"}],
        "columns": ["day", "rows"],
        "rows": [list(day) for day in days],
        "marks": [{"x": day, "label": "No rows", "kind": "gap"} for day in table.profile.get("missing_days", ())[:20]],
        "unit": {"kind": "number"},
    }


def table_context(actor: Actor, table: CatalogTable) -> TableContext:
    """The table page."""
    advice = getattr(table, "recommendation", None)
    return TableContext(
        table=table,
        lines=[column_line(column, table) for column in table.columns.all()],
        advice=advice,
        role_name=advice.role_name if advice else "",
        hours=hours_since(table.latest_at, clock.now()),
        percent=table.profile.get("percent"),
        missing_days=table.profile.get("missing_days", ()),
        arrivals=arrivals_chart(table),
        drift=catalog.drift(table),
        semantics=[semantic.value for semantic in SemanticType],
        can_write=actor.has(Scope.CATALOG_WRITE),
        can_profile=actor.has(Scope.CATALOG_PROFILE),
        can_sample=actor.has(Scope.QUERIES_RUN),
    )


def parse_id(text: str) -> UUID | None:
    """The id a form or query string names, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None
