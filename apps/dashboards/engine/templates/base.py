"""What a template is, and the cards that several of them use."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from apps.dashboards.engine import measures, words
from apps.dashboards.engine.spec import CardSpec, Measure
from apps.dashboards.enums import CardKind, CardWidth, QueryShape
from apps.datasources.contracts import ColumnFact, ConfirmedTable


@dataclass(frozen=True, slots=True)
class Template:
    """A way to lay out confirmed tables. `build` returns no card when the tables give it nothing to show."""

    key: str
    title: str
    version: int
    description: str
    build: Callable[[Sequence[ConfirmedTable]], list[CardSpec]]


def card_key(table: ConfirmedTable, *parts: str) -> str:
    """A key that stays the same as long as table and question do."""
    return "-".join([words.slug(table.dataset), words.slug(table.name), *map(words.slug, parts)])


def scalar(table: ConfirmedTable, measure: Measure, *, title: str = "") -> CardSpec:
    """One figure; with a time line also its value in the period before."""
    timed = measures.has_time(table)
    label = measure.label if timed or not measure.label.startswith("New ") else measure.label[4:].capitalize()
    return CardSpec(
        key=card_key(table, measure.key, "scalar"),
        title=title or label,
        kind=CardKind.SCALAR,
        table_id=table.table_id,
        shape=QueryShape.TOTAL,
        measures=(measure,),
        description=measure.definition,
    )


def daily(
    table: ConfirmedTable, measure: Measure, *, width: CardWidth = CardWidth.HALF, kind: CardKind = CardKind.LINE
) -> CardSpec | None:
    """One figure a day; None for a table without a time line."""
    if not measures.has_time(table):
        return None
    return CardSpec(
        key=card_key(table, measure.key, str(kind)),
        title=f"{measure.label} per day",
        kind=kind,
        width=width,
        table_id=table.table_id,
        shape=QueryShape.DAILY,
        measures=(measure,),
        description=f"{measure.definition}, by day",
    )


def bars(table: ConfirmedTable, measure: Measure, dimension: ColumnFact, *, limit: int = 12) -> CardSpec:
    """One figure for each value of a dimension, the largest first."""
    return CardSpec(
        key=card_key(table, measure.key, "by", dimension.name),
        title=f"{measure.label} by {words.words_of(dimension.name)}",
        kind=CardKind.BAR,
        table_id=table.table_id,
        shape=QueryShape.BREAKDOWN,
        measures=(measure,),
        dimension=dimension.name,
        limit=limit,
        description=f"{measure.definition}, by {dimension.name}, the {limit} largest",
    )


def detail(table: ConfirmedTable, figures: Sequence[Measure], dimension: ColumnFact) -> CardSpec:
    """Several figures for each value of a dimension, as a table."""
    return CardSpec(
        key=card_key(table, "table", dimension.name),
        title=f"{words.title_of(table.name)} by {words.words_of(dimension.name)}, in detail",
        kind=CardKind.TABLE,
        width=CardWidth.FULL,
        table_id=table.table_id,
        shape=QueryShape.BREAKDOWN,
        measures=tuple(figures),
        dimension=dimension.name,
        limit=50,
        description="; ".join(figure.definition for figure in figures) + f"; by {dimension.name}",
    )


def week_map(table: ConfirmedTable, measure: Measure) -> CardSpec | None:
    """When it happens: weekday by hour; None where times carry no hour."""
    if not measures.has_hours(table):
        return None
    return CardSpec(
        key=card_key(table, measure.key, "heatmap"),
        title=f"{measure.label} by weekday and hour",
        kind=CardKind.HEATMAP,
        width=CardWidth.FULL,
        table_id=table.table_id,
        shape=QueryShape.HEATMAP,
        measures=(measure,),
        description=f"{measure.definition}, by weekday and hour",
    )


def present(cards: Sequence[CardSpec | None], tables: Sequence[ConfirmedTable]) -> list[CardSpec]:
    """The cards that are there, each key once; cards that would share a title are told apart by their table."""
    unique = {card.key: card for card in cards if card is not None}
    titles = Counter(card.title for card in unique.values())
    names = {table.table_id: words.words_of(table.name) for table in tables}
    told_apart = [
        card if titles[card.title] == 1 else card.model_copy(update={"title": f"{card.title} ({names[card.table_id]})"})
        for card in unique.values()
    ]
    return _without_holes(told_apart)


def _without_holes(cards: Sequence[CardSpec]) -> list[CardSpec]:
    """The last of an odd run of equal half cards takes the full width: nothing stands beside an empty half."""
    found: list[CardSpec] = []
    for (kind, width), run in groupby(cards, key=lambda card: (_rank(card.kind), card.width)):
        members = list(run)
        if width is CardWidth.HALF and len(members) % 2 and kind:
            members[-1] = members[-1].model_copy(update={"width": CardWidth.FULL})
        found += members
    return found


def _rank(kind: CardKind) -> int:
    """Kinds that stand well side by side share a rank; 0 pairs with what follows it."""
    return {CardKind.SCALAR: 1, CardKind.LINE: 2, CardKind.BAR: 2}.get(kind, 0)
