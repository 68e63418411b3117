"""Data Health: is the data there, recent and complete? Works on any confirmed table."""

from collections.abc import Sequence
from typing import Final

from apps.dashboards.engine import measures, words
from apps.dashboards.engine.spec import CardSpec
from apps.dashboards.engine.templates import base
from apps.dashboards.enums import CardKind, CardWidth, QueryShape
from apps.datasources.contracts import ConfirmedTable

MAX_TABLES: Final = 8
MAX_COLUMNS: Final = 40
_COUNTED_PREFIXES: Final = ("ARRAY", "STRUCT", "RECORD", "GEOGRAPHY", "JSON")


def build(tables: Sequence[ConfirmedTable]) -> list[CardSpec]:
    """For each table its latest row and daily arrivals (or its size), then how complete its columns are."""
    chosen = measures.by_size(tables)[:MAX_TABLES]
    cards: list[CardSpec | None] = []
    for table in chosen:
        cards += _arrivals(table)
    cards += [_completeness(table) for table in chosen]
    return base.present(cards, tables)


def _arrivals(table: ConfirmedTable) -> list[CardSpec | None]:
    rows = measures.rows_measure(table).model_copy(update={"label": f"{words.title_of(table.name)}: rows"})
    latest = measures.latest_measure(table)
    if latest is None:
        return [base.scalar(table, rows)]
    return [base.scalar(table, latest), base.daily(table, rows, kind=CardKind.SPARKLINE)]


def _completeness(table: ConfirmedTable) -> CardSpec:
    columns = [c.name for c in table.columns if not c.type.upper().startswith(_COUNTED_PREFIXES)][:MAX_COLUMNS]
    return CardSpec(
        key=base.card_key(table, "completeness"),
        title=f"{words.title_of(table.name)}: empty values by column",
        kind=CardKind.TABLE,
        width=CardWidth.FULL,
        table_id=table.table_id,
        shape=QueryShape.COMPLETENESS,
        columns=tuple(columns),
        description=f"For each column of {table.name}: how many rows are empty, and their share",
    )


TEMPLATE = base.Template(
    key="data_health",
    title="Data Health",
    version=1,
    description="Freshness, daily arrivals and completeness of each confirmed table.",
    build=build,
)
