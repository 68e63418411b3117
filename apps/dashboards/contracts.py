"""What the steps of GenerateDashboard hand on, stored with the run. No Django here."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from apps.dashboards.engine.period import Period
from apps.dashboards.engine.spec import CardSpec


class GenerateInput(BaseModel):
    """What to generate: all fitting templates when none is named."""

    datasource_id: UUID
    templates: list[str] = Field(default_factory=list)
    tz: str = "UTC"


class Board(BaseModel):
    """One dashboard to be."""

    template: str
    template_version: int
    title: str
    description: str
    cards: list[CardSpec]


class Plan(BaseModel):
    """All dashboards to be, the facts they build on, and the period they open with."""

    boards: list[Board]
    tables: list[dict[str, Any]]
    catalog_hash: str
    first: date
    last: date
    tz: str
    latest_day: date | None = None

    @property
    def period(self) -> Period:
        """The period the cards are tried with."""
        return Period(self.first, self.last, self.tz)


class CardCost(BaseModel):
    """What one card's query will read, or why the card is left out."""

    template: str
    key: str
    title: str
    query_hash: str = ""
    bytes: int = 0
    usd: str = "0"
    left_out: str = ""


class Estimates(BaseModel):
    """The cost of all cards, and its sum over the queries that differ."""

    cards: list[CardCost]
    total_bytes: int
    total_usd: str


class CardOutcome(BaseModel):
    """How a card's query went."""

    template: str
    key: str
    query_hash: str = ""
    sql: str = ""
    left_out: str = ""


class Outcomes(BaseModel):
    """How all queries went."""

    cards: list[CardOutcome]


class StoredBoard(BaseModel):
    """A dashboard as stored."""

    dashboard_id: UUID
    template: str
    title: str
    version: int
    is_new_version: bool
    cards: int
    left_out: int


class Stored(BaseModel):
    """All dashboards of the run."""

    dashboards: list[StoredBoard]
