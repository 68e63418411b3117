"""Data-quality notes: what a reader must know before trusting the week. Facts only; the writer words them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from apps.dashboards.engine import measures
from apps.dashboards.engine.period import Period
from apps.datasources.contracts import ConfirmedTable
from apps.memos.engine import packet, plan
from apps.memos.engine.coverage import Coverage
from apps.memos.enums import NoteLevel

Note = dict[str, Any]
USUALLY_DAILY: Final = 0.8
EMPTY_USED: Final = 0.2
EMPTY_OTHER: Final = 0.5
MAX_COLUMNS: Final = 5


def of(facts: packet.Facts, *, today: date) -> list[Note]:
    """All notes, the general ones first, then table by table."""
    found = _anchor(facts, today)
    for table in plan.tables_of(facts.kpis):
        covered = facts.coverage[str(table.table_id)]
        found += _reach(facts, table, covered)
        found += _missing_days(facts, table, covered)
        found += _empty_columns(table)
        found += _currencies(table)
    return found + [note for table in facts.silent for note in _silence(facts, table)]


def _anchor(facts: packet.Facts, today: date) -> list[Note]:
    last = facts.windows.current.last
    if last >= today - timedelta(days=1):
        return []
    newest = max((c.last for c in facts.coverage.values() if c.last is not None), default=last)
    if newest > last + timedelta(days=1):  # an earlier week was asked for: the data goes on
        return []
    return [{"kind": "data_ends", "level": str(NoteLevel.WARNING), "day": newest.isoformat()}]


def _reach(facts: packet.Facts, table: ConfirmedTable, covered: Coverage) -> list[Note]:
    found: list[Note] = []
    name = table.name
    if covered.last is not None and covered.last < facts.windows.current.last:
        found.append(
            {"kind": "stale_table", "level": str(NoteLevel.WARNING), "table": name, "day": covered.last.isoformat()}
        )
    if covered.first is not None and covered.first > facts.windows.previous.first:
        day = covered.first.isoformat()
        found.append({"kind": "short_history", "level": str(NoteLevel.WARNING), "table": name, "day": day})
    return found


def _silence(facts: packet.Facts, table: ConfirmedTable) -> list[Note]:
    covered = facts.coverage[str(table.table_id)]
    if covered.last is None or covered.last >= facts.windows.previous.first:
        return []
    return [
        {"kind": "silent_table", "level": str(NoteLevel.WARNING), "table": table.name, "day": covered.last.isoformat()}
    ]


def _missing_days(facts: packet.Facts, table: ConfirmedTable, covered: Coverage) -> list[Note]:
    """Days without a row, on tables that have rows on most days; loud when they fall into the weeks compared."""
    key = measures.rows_measure(table).key
    rows = facts.answers[plan.daily_ref(table)]
    present = {packet.iso_day(row["day"]) for row in rows if row.get(key)}
    span = [day for day in facts.windows.history.days() if covered.reaches(Period(day, day, facts.windows.current.tz))]
    absent = [day for day in span if day.isoformat() not in present]
    if not absent or len(span) - len(absent) < USUALLY_DAILY * len(span):
        return []
    compared = [day for day in absent if day >= facts.windows.previous.first]
    found: list[Note] = []
    if compared:
        found.append(_days(table, compared, NoteLevel.WARNING, "missing_days"))
    if earlier := [day for day in absent if day not in compared]:
        found.append(_days(table, earlier, NoteLevel.INFO, "missing_days_before"))
    return found


def _days(table: ConfirmedTable, days: Sequence[date], level: NoteLevel, kind: str) -> Note:
    return {"kind": kind, "level": str(level), "table": table.name, "days": [day.isoformat() for day in days]}


def _empty_columns(table: ConfirmedTable) -> list[Note]:
    used = {table.time_column, table.amount_column, table.entity_key, *table.dimensions}
    found: list[Note] = []
    for column in sorted(table.columns, key=lambda c: (-c.null_share, c.name)):
        floor = EMPTY_USED if column.name in used else EMPTY_OTHER
        if column.null_share < floor:
            continue
        level = NoteLevel.WARNING if column.name in used else NoteLevel.INFO
        share = round(column.null_share, 4)
        entry = {"kind": "empty_column", "table": table.name, "column": column.name, "share": share}
        found.append({**entry, "level": str(level)})
    return found[:MAX_COLUMNS]


def _currencies(table: ConfirmedTable) -> list[Note]:
    column = measures.currency_column(table)
    if not table.amount_column or column is None or (column.distinct or 0) <= 1:
        return []
    entry = {"kind": "mixed_currency", "table": table.name, "column": column.name, "count": column.distinct}
    return [{**entry, "level": str(NoteLevel.WARNING)}]
