"""Exec Overview: how many people, how active, and what they bring. Needs a user or an event table."""

from collections.abc import Sequence

from apps.dashboards.engine import measures
from apps.dashboards.engine.spec import CardSpec, Measure
from apps.dashboards.engine.templates import base
from apps.dashboards.enums import CardWidth
from apps.datasources.contracts import ConfirmedTable, TableRole


def build(tables: Sequence[ConfirmedTable]) -> list[CardSpec]:
    """Scalars first, then trends, then who and what, then the rhythm of the week."""
    users = measures.of_role(tables, TableRole.USER)[:2]
    events = measures.of_role(tables, TableRole.EVENT)[:2]
    if not users and not events:
        return []
    deals = measures.of_role(tables, TableRole.TRANSACTION)[:1]
    cards = [*_scalars(users, events, deals), *_trends(users, events, deals), *_parts(users, events)]
    return base.present(cards, tables)


def _scalars(
    users: list[ConfirmedTable], events: list[ConfirmedTable], deals: list[ConfirmedTable]
) -> list[CardSpec | None]:
    pairs: list[tuple[ConfirmedTable, Measure | None]] = []
    for table in deals:
        pairs += [(table, measures.amount_measure(table)), (table, measures.rows_measure(table))]
    for table in events:
        pairs += [(table, measures.active_measure(table)), (table, measures.rows_measure(table))]
    pairs += [(table, measures.rows_measure(table)) for table in users]
    return [base.scalar(table, measure) for table, measure in pairs if measure is not None]


def _trends(
    users: list[ConfirmedTable], events: list[ConfirmedTable], deals: list[ConfirmedTable]
) -> list[CardSpec | None]:
    lead = [
        base.daily(table, measures.amount_measure(table) or measures.rows_measure(table), width=CardWidth.FULL)
        for table in deals
    ]
    rest: list[CardSpec | None] = []
    for table in events:
        active = measures.active_measure(table)
        rest += [base.daily(table, active) if active else None, base.daily(table, measures.rows_measure(table))]
    rest += [base.daily(table, measures.rows_measure(table)) for table in users]
    return [*lead, *rest]


def _parts(users: list[ConfirmedTable], events: list[ConfirmedTable]) -> list[CardSpec | None]:
    cards: list[CardSpec | None] = []
    for table in events[:1]:
        cards += [base.bars(table, measures.rows_measure(table), column) for column in measures.dimensions(table)[:2]]
    for table in users[:1]:
        cards += [base.bars(table, measures.rows_measure(table), column) for column in measures.dimensions(table)[:2]]
    for table in events[:1]:
        figures = [m for m in (measures.rows_measure(table), measures.active_measure(table)) if m is not None]
        cards += [base.detail(table, figures, column) for column in measures.dimensions(table)[:1] if len(figures) > 1]
        cards.append(base.week_map(table, measures.rows_measure(table)))
    return cards


TEMPLATE = base.Template(
    key="exec_overview",
    title="Exec Overview",
    version=1,
    description="People, activity and what they bring, at a glance.",
    build=build,
)
