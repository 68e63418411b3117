"""Which figures a memo follows, over which weeks, and the queries that give them.

A figure's own value comes from the very query its dashboard card asks; weeks, days and parts are asked once a table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlglot import exp

from apps.dashboards.engine import measures, query, words
from apps.dashboards.engine.period import Period
from apps.dashboards.engine.spec import Measure
from apps.datasources.contracts import ConfirmedTable
from apps.memos.engine.coverage import Coverage
from apps.memos.engine.significance import HISTORY_WEEKS

WEEK: Final = 7
MAX_KPIS: Final = 8
MAX_DIMENSIONS: Final = 2
MAX_PARTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Windows:
    """The week reported, the one before it, and how far back its history goes."""

    current: Period

    @classmethod
    def ending(cls, last: date, tz: str) -> "Windows":
        """The seven complete days up to and including `last`."""
        return cls(Period.ending(last, WEEK, tz))

    @property
    def previous(self) -> Period:
        """The seven days before."""
        return self.current.before()

    @property
    def history(self) -> Period:
        """The current week and the HISTORY_WEEKS before it."""
        return Period.ending(self.current.last, WEEK * (HISTORY_WEEKS + 1), self.current.tz)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure of the memo: `key` is its name in the packet."""

    key: str
    table: ConfirmedTable
    measure: Measure


@dataclass(frozen=True, slots=True)
class Question:
    """One query of the packet: `ref` is its name there."""

    ref: str
    table: ConfirmedTable
    sql: exp.Select


def split_by_reach(
    tables: Sequence[ConfirmedTable], covered: Mapping[str, Coverage], windows: Windows
) -> tuple[list[ConfirmedTable], list[ConfirmedTable]]:
    """Tables that have rows near the weeks compared, and those that have none."""
    both = Period(windows.previous.first, windows.current.last, windows.current.tz)
    speaks = [covered[str(table.table_id)].reaches(both) for table in tables]
    spoken = [table for table, reaches in zip(tables, speaks, strict=True) if reaches]
    return spoken, [table for table, reaches in zip(tables, speaks, strict=True) if not reaches]


def kpis(tables: Sequence[ConfirmedTable], *, at_most: int | None = MAX_KPIS) -> list[Kpi]:
    """The figures to follow, in the order of interest, each under a name of its own."""
    timed = [table for table in tables if measures.has_time(table)]
    found: list[Kpi] = []
    for table, measure in measures.headline(timed):
        taken = {kpi.key for kpi in found}
        where = words.words_of(table.name)
        labels = (measure.label, f"{measure.label} ({where})", f"{measure.label} ({table.dataset} {where})")
        label = next((label for label in labels if words.slug(label) not in taken), None)
        if label is not None:
            found.append(Kpi(words.slug(label), table, measure.model_copy(update={"label": label})))
    return found[:at_most]


def tables_of(chosen: Sequence[Kpi]) -> list[ConfirmedTable]:
    """The tables behind the figures, each once, in order."""
    return list({kpi.table.table_id: kpi.table for kpi in chosen}.values())


def questions(chosen: Sequence[Kpi], windows: Windows) -> Iterator[Question]:
    """Every query the packet needs."""
    for kpi in chosen:
        yield Question(total_ref(kpi), kpi.table, query.totals(kpi.table, (kpi.measure,), windows.current))
    for table in tables_of(chosen):
        figures = figures_of(chosen, table)
        yield Question(weekly_ref(table), table, query.by_week(table, figures, windows.history))
        yield Question(daily_ref(table), table, query.by_day(table, _with_rows(figures, table), windows.history))
        additive = tuple(figure for figure in figures if figure.additive)
        for dimension in dimensions_of(table) if additive else ():
            parts = query.compared_breakdown(table, additive, dimension, windows.current, limit=MAX_PARTS)
            yield Question(parts_ref(table, dimension), table, parts)


def figures_of(chosen: Sequence[Kpi], table: ConfirmedTable) -> tuple[Measure, ...]:
    """The figures that come from one table."""
    return tuple(kpi.measure for kpi in chosen if kpi.table.table_id == table.table_id)


def dimensions_of(table: ConfirmedTable) -> list[str]:
    """The dimensions a change is taken apart by."""
    return [column.name for column in measures.dimensions(table)[:MAX_DIMENSIONS]]


def total_ref(kpi: Kpi) -> str:
    """Name of the query of a figure's two weeks."""
    return f"{kpi.key}.total"


def weekly_ref(table: ConfirmedTable) -> str:
    """Name of the query of a table's weeks."""
    return f"{table.dataset}.{table.name}.weeks"


def daily_ref(table: ConfirmedTable) -> str:
    """Name of the query of a table's days."""
    return f"{table.dataset}.{table.name}.days"


def parts_ref(table: ConfirmedTable, dimension: str) -> str:
    """Name of the query of a table's parts by one dimension."""
    return f"{table.dataset}.{table.name}.by.{dimension}"


def _with_rows(figures: tuple[Measure, ...], table: ConfirmedTable) -> tuple[Measure, ...]:
    rows = measures.rows_measure(table)
    return figures if any(figure.key == rows.key for figure in figures) else (*figures, rows)
