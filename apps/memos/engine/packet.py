"""The memo's packet: every figure, comparison and note the text may speak of, from query results alone.

Deterministic: equal results give equal bytes. It holds no clock time, no cost and no raw row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from apps.dashboards.engine import words
from apps.dashboards.engine.period import Period
from apps.dashboards.engine.query import PREVIOUS
from apps.dashboards.engine.spec import AVERAGE
from apps.datasources.contracts import ConfirmedTable
from apps.memos.engine import delta, plan, segments, significance
from apps.memos.engine.coverage import Coverage
from apps.memos.engine.plan import Kpi, Windows
from apps.memos.engine.significance import HISTORY_WEEKS, Thresholds

PACKET_VERSION: Final = 1
Row = Mapping[str, Any]
Answers = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Source:
    """The query behind a value, as it was run."""

    sql: str
    query_hash: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was asked: results by question, the queries, and which days each table covers (by table id)."""

    windows: Windows
    kpis: Sequence[Kpi]
    answers: Answers
    sources: Mapping[str, Source]
    coverage: Mapping[str, Coverage]
    thresholds: Thresholds
    silent: Sequence[ConfirmedTable] = ()
    """Confirmed tables without rows in the weeks compared: they give no figure, only a note."""


def build(facts: Facts, notes: Sequence[Mapping[str, Any]], *, today: date) -> dict[str, Any]:
    """The packet; `notes` are the data-quality notes, `today` decides only whether the week is the latest one."""
    lag = (today - facts.windows.current.last).days - 1
    return {
        "version": PACKET_VERSION,
        "timezone": facts.windows.current.tz,
        "window": {
            "current": window(facts.windows.current),
            "previous": window(facts.windows.previous),
            "anchored_on": "calendar" if lag <= 0 else "data",
        },
        "kpi": {kpi.key: figure(kpi, facts) for kpi in facts.kpis},
        "order": [kpi.key for kpi in facts.kpis],
        "data_quality": [dict(note) for note in notes],
        "thresholds": {name: str(getattr(facts.thresholds, name)) for name in Thresholds.__slots__},
        "queries": {ref: {"sql": s.sql, "query_hash": s.query_hash} for ref, s in sorted(facts.sources.items())},
        "catalog": {f"{t.dataset}.{t.name}": t.catalog_hash for t in plan.tables_of(facts.kpis)},
    }


def window(period: Period) -> dict[str, str]:
    """A week as the packet writes it, with its first and last instants."""
    ends = {"starts_at": period.starts_at.isoformat(), "ends_at": period.ends_at.isoformat()}
    return {**period.as_json(), **ends}


def figure(kpi: Kpi, facts: Facts) -> dict[str, Any]:
    """One KPI with its comparison, history, days and parts."""
    covered = facts.coverage[str(kpi.table.table_id)]
    current, previous = values(kpi, facts)
    weeks = weekly(kpi, facts, covered)
    change = delta.between(current, previous)
    deviations = significance.robust_deviations(current, weeks[1:][::-1])
    return {
        "label": kpi.measure.label,
        "definition": kpi.measure.definition,
        "table": f"{kpi.table.dataset}.{kpi.table.name}",
        "format": str(kpi.measure.format),
        "column": kpi.measure.key,
        "additive": kpi.measure.kind != AVERAGE,
        "currency": kpi.measure.currency,
        "current": delta.plain(current),
        "previous": delta.plain(previous),
        "delta_abs": delta.plain(change.absolute),
        "delta_pct": delta.plain(change.percent),
        "case": str(change.case),
        "direction": change.direction,
        "significance": str(significance.judge(change, deviations, facts.thresholds)),
        "deviations": delta.plain(deviations),
        "complete": covered.covers(facts.windows.current) and covered.covers(facts.windows.previous),
        "weeks": [delta.plain(value) for value in weeks[::-1]],
        "days": daily(kpi, facts, covered),
        "segments": parts(kpi, facts, current, previous),
        "reconciled": not weeks or _agree(current, weeks[0]),
        "query": plan.total_ref(kpi),
    }


def values(kpi: Kpi, facts: Facts) -> tuple[Decimal | None, Decimal | None]:
    """The figure in both weeks; None for a week its table does not reach."""
    row = next(iter(facts.answers[plan.total_ref(kpi)]), {})
    covered = facts.coverage[str(kpi.table.table_id)]
    current = _figure(kpi, row.get(kpi.measure.key)) if covered.reaches(facts.windows.current) else None
    before = _figure(kpi, row.get(kpi.measure.key + PREVIOUS)) if covered.reaches(facts.windows.previous) else None
    return current, before


def weekly(kpi: Kpi, facts: Facts, covered: Coverage) -> list[Decimal | None]:
    """The figure week by week, the current one first; None for weeks the table does not fully cover."""
    rows = {int(row["week"]): row.get(kpi.measure.key) for row in facts.answers[plan.weekly_ref(kpi.table)]}
    found: list[Decimal | None] = []
    week = facts.windows.current
    for index in range(HISTORY_WEEKS + 1):
        known = covered.reaches(week) if index == 0 else covered.covers(week)
        found.append(_figure(kpi, rows.get(index)) if known else None)
        week = week.before()
    return found


def daily(kpi: Kpi, facts: Facts, covered: Coverage) -> list[list[Any]]:
    """The figure day by day over both weeks: `[iso day, value or null]`, null for days without rows."""
    rows = {iso_day(row["day"]): row.get(kpi.measure.key) for row in facts.answers[plan.daily_ref(kpi.table)]}
    both = Period(facts.windows.previous.first, facts.windows.current.last, facts.windows.current.tz)
    days = [day for day in both.days() if covered.reaches(Period(day, day, both.tz))]
    return [[day.isoformat(), delta.plain(delta.number(rows.get(day.isoformat())))] for day in days]


def parts(kpi: Kpi, facts: Facts, current: Decimal | None, previous: Decimal | None) -> list[dict[str, Any]]:
    """The change taken apart by each dimension; a breakdown that does not add up to the figure is left out."""
    if not kpi.measure.additive or current is None or previous is None:
        return []
    found = []
    for dimension in plan.dimensions_of(kpi.table):
        ref = plan.parts_ref(kpi.table, dimension)
        rows = facts.answers.get(ref, ())
        split = [_part(kpi, row) for row in rows]
        if not split or len(rows) >= plan.MAX_PARTS or not segments.reconciles(split, current, previous):
            continue
        contributions = [_contribution(entry) for entry in segments.contributions(split)]
        found.append({"dimension": dimension, "label": words.words_of(dimension), "query": ref, "parts": contributions})
    return found


def unreconciled(packet: Mapping[str, Any]) -> list[str]:
    """The figures whose week by week query disagrees with their own: nothing may be concluded from them."""
    return [key for key, figure in packet["kpi"].items() if not figure["reconciled"]]


def iso_day(value: object) -> str:
    """A DATE cell as `YYYY-MM-DD`, whether it came as a date or as text."""
    return value.isoformat()[:10] if isinstance(value, date) else str(value)[:10]


def _part(kpi: Kpi, row: Row) -> segments.Part:
    key = kpi.measure.key
    return segments.Part(str(row["value"]), delta.number(row.get(key)), delta.number(row.get(key + PREVIOUS)))


def _contribution(entry: segments.Contribution) -> dict[str, Any]:
    return {
        "name": entry.part.name,
        "current": delta.plain(entry.part.current or Decimal(0)),
        "previous": delta.plain(entry.part.previous or Decimal(0)),
        "delta_abs": delta.plain(entry.delta.absolute),
        "delta_pct": delta.plain(entry.delta.percent),
        "share": delta.plain(entry.share),
        "is_rest": entry.is_rest,
    }


def _figure(kpi: Kpi, cell: object) -> Decimal | None:
    """A cell as a figure: no row at all is zero for what adds up, and nothing for an average."""
    found = delta.number(cell)
    return Decimal(0) if found is None and kpi.measure.kind != AVERAGE else found


def _agree(one: Decimal | None, other: Decimal | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= max(abs(one) * segments.TOLERANCE, Decimal("0.0002"))
