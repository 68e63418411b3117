"""What the dashboard pages show: one frozen class a page."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.artifacts.models import ArtifactVersion
from apps.dashboards.contracts import Estimates, Plan
from apps.dashboards.engine.period import Period
from apps.dashboards.engine.templates.base import Template
from apps.dashboards.models import Dashboard
from apps.datasources.models import Datasource
from apps.workflows.models import WorkflowRun


@dataclass(frozen=True, slots=True)
class Line:
    """A dashboard in the list."""

    dashboard: Dashboard
    card_count: int
    source_name: str


@dataclass(frozen=True, slots=True)
class ListContext:
    """The list, and the form that generates."""

    lines: list[Line]
    next_cursor: str | None
    search: str
    sources: list[Datasource]
    chosen_source: UUID | None
    templates: tuple[Template, ...]
    runs: list[WorkflowRun]
    can_generate: bool
    tz: str


@dataclass(frozen=True, slots=True)
class BoardCost:
    """One dashboard of an estimate."""

    title: str
    cards: int
    left_out: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class EstimateContext:
    """What generating would read."""

    boards: list[BoardCost]
    costs: Estimates | None = None
    plan: Plan | None = None
    error: Any = None


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card in its place."""

    key: str
    title: str
    kind: str
    width: str
    height: int
    description: str


@dataclass(frozen=True, slots=True)
class BoardContext:
    """One dashboard, as it stands or as an earlier version was."""

    dashboard: Dashboard
    cards: list[ShownCard]
    omitted: list[dict[str, str]]
    period: Period
    presets: tuple[int, ...]
    source_name: str
    version: int
    is_current: bool
    versions: list[ArtifactVersion]
    generated_at: datetime
    can_generate: bool
    data_ended: bool = False
    stale_reason: str = ""
    runs: list[WorkflowRun] = field(default_factory=list)
