"""Where a card's figures come from: datasource → table → column → query."""

from apps.artifacts.contracts import Edge, Node
from apps.artifacts.enums import NodeKind
from apps.dashboards.engine.spec import AMOUNT, AVERAGE, CardSpec, Measure
from apps.datasources.contracts import ConfirmedTable


def edges_of(datasource: Node, table: ConfirmedTable, card: CardSpec, query: Node) -> list[Edge]:
    """Edges from the datasource to `query`, for one card."""
    return table_edges(datasource, table, columns_of(card, table), query)


def table_edges(datasource: Node, table: ConfirmedTable, columns: list[str], query: Node) -> list[Edge]:
    """Edges from the datasource over the columns used to `query`."""
    ref = f"{datasource.ref}:{table.dataset}.{table.name}"
    known = Node(NodeKind.TABLE, ref, f"{table.dataset}.{table.name}")
    found = [Edge(datasource, known)]
    if not columns:
        found.append(Edge(known, query))
    for name in columns:
        column = Node(NodeKind.COLUMN, f"{ref}.{name}", f"{table.name}.{name}")
        found += [Edge(known, column), Edge(column, query)]
    return found


def columns_of(card: CardSpec, table: ConfirmedTable) -> list[str]:
    """The columns a card's query reads, each once."""
    names: list[str | None] = [table.time_column, card.dimension, *card.columns]
    for measure in card.measures:
        names += measure_columns(measure, table)
    return list(dict.fromkeys(name for name in names if name))


def measure_columns(measure: Measure, table: ConfirmedTable) -> list[str | None]:
    """The columns one figure reads."""
    if measure.kind in {AMOUNT, AVERAGE}:
        return [table.amount_column, table.quantity_column, table.discount_column]
    return [measure.column]
