"""What a card is: a question about one confirmed table and the way its answer is drawn.

Specs are data (frozen, JSON in and out), so a version of a dashboard can be stored, compared and asked again.
"""

from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from apps.dashboards.enums import CardKind, CardWidth, QueryShape, ValueFormat

ROWS: Final = "rows"
AMOUNT: Final = "amount"
AVERAGE: Final = "average"
DISTINCT: Final = "distinct"
LATEST: Final = "latest"


class Measure(BaseModel):
    """One figure: `key` is its column in the result, `kind` how it is computed, `definition` that in words."""

    model_config = ConfigDict(frozen=True)

    key: str
    label: str
    kind: str
    column: str | None = None
    format: ValueFormat = ValueFormat.COUNT
    currency: str = ""
    definition: str = ""

    @property
    def additive(self) -> bool:
        """Whether its values over parts add up to its value over the whole."""
        return self.kind in {ROWS, AMOUNT}


class CardSpec(BaseModel):
    """One card before it is placed; `key` names it across versions of its dashboard."""

    model_config = ConfigDict(frozen=True)

    key: str
    title: str
    kind: CardKind
    width: CardWidth = CardWidth.HALF
    table_id: UUID
    shape: QueryShape
    measures: tuple[Measure, ...] = ()
    dimension: str | None = None
    columns: tuple[str, ...] = ()
    """The columns a COMPLETENESS card checks."""
    limit: int = 12
    description: str = ""
