"""Revenue/Volume: what is sold, how much, to whom. Needs a transaction table, or an amount on another one."""

from collections.abc import Sequence
from typing import Final

from apps.dashboards.engine import measures
from apps.dashboards.engine.spec import CardSpec
from apps.dashboards.engine.templates import base
from apps.dashboards.enums import CardWidth
from apps.datasources.contracts import ConfirmedTable, TableRole

MAX_TABLES: Final = 4


def build(tables: Sequence[ConfirmedTable]) -> list[CardSpec]:
    """The leading table in full, up to three more in short."""
    chosen = _chosen(tables)
    if not chosen:
        return []
    lead, *others = chosen
    cards = _in_full(lead)
    for table in others:
        cards += _in_short(table)
    return base.present(cards, tables)


def _chosen(tables: Sequence[ConfirmedTable]) -> list[ConfirmedTable]:
    """Transactions with an amount lead, those without follow, then other tables that carry an amount."""
    deals = measures.of_role(tables, TableRole.TRANSACTION)
    others = measures.of_role(tables, TableRole.STATE, TableRole.EVENT, TableRole.USER)
    ranked = [t for t in deals if t.amount_column] + [t for t in deals if not t.amount_column]
    return (ranked + [t for t in others if measures.amount_measure(t) is not None])[:MAX_TABLES]


def _in_full(table: ConfirmedTable) -> list[CardSpec | None]:
    amount, rows = measures.amount_measure(table), measures.rows_measure(table)
    average, active = measures.average_measure(table), measures.active_measure(table)
    main = amount or rows
    figures = [figure for figure in (amount, rows, average, active) if figure is not None]
    parts = measures.dimensions(table)
    cards: list[CardSpec | None] = [base.scalar(table, figure) for figure in figures]
    cards.append(base.daily(table, main, width=CardWidth.FULL))
    cards += [base.daily(table, figure) for figure in figures if figure is not main]
    cards += [base.bars(table, main, column) for column in parts[:4]]
    cards += [base.detail(table, figures, column) for column in parts[:1] if len(figures) > 1]
    cards.append(base.week_map(table, rows))
    return cards


def _in_short(table: ConfirmedTable) -> list[CardSpec | None]:
    amount, rows = measures.amount_measure(table), measures.rows_measure(table)
    main = amount or rows
    cards: list[CardSpec | None] = [base.scalar(table, figure) for figure in (amount, rows) if figure is not None]
    cards.append(base.daily(table, main))
    cards += [base.bars(table, main, column) for column in measures.dimensions(table)[:1]]
    return cards


TEMPLATE = base.Template(
    key="revenue_volume",
    title="Revenue/Volume",
    version=1,
    description="Amounts and counts of what is sold, over time and by part.",
    build=build,
)
