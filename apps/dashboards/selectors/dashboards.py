"""Reading dashboards; each fetch checks the caller."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.artifacts.models import ArtifactVersion
from apps.artifacts.selectors import artifacts
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.dashboards.models import Dashboard, DashboardCard
from apps.tenancy.selectors import shares


@dataclass(frozen=True, slots=True)
class CardQuestion:
    """A card to be answered: its spec, and the confirmed facts it builds on."""

    dashboard: Dashboard
    version: int
    spec: dict[str, Any]
    tables: list[dict[str, Any]]


def list_for(actor: Actor, *, datasource_id: UUID | None = None, text: str = "") -> QuerySet[Dashboard]:
    """Dashboards the caller may open, with the number of their cards, without the facts they build on."""
    actor.require(Scope.DASHBOARD_READ)
    rows = shares.visible(actor, Dashboard.objects.defer("tables")).annotate(card_count=Count("cards"))
    if datasource_id is not None:
        rows = rows.filter(datasource_id=datasource_id)
    return rows.filter(title__icontains=text) if text else rows


def get_for(actor: Actor, dashboard_id: UUID) -> Dashboard:
    """One dashboard; NotFound for a stranger's, and for one that is not shared with the caller."""
    actor.require(Scope.DASHBOARD_READ)
    found = shares.visible(actor, Dashboard.objects.filter(id=dashboard_id)).first()
    if found is None:
        raise NotFound("There is no such dashboard.")
    return found


def get_card_question_for(actor: Actor, dashboard_id: UUID, key: str, *, version: int | None = None) -> CardQuestion:
    """One card's question, as the dashboard stands now or as an earlier version asked it."""
    dashboard = get_for(actor, dashboard_id)
    if version is not None and version != dashboard.version:
        content = content_of_version(actor, dashboard, version)
        specs = {card["key"]: card["spec"] for card in content["cards"]}
        tables = content["tables"]
    else:
        specs = dict(dashboard.cards.filter(key=key).values_list("key", "spec"))
        version, tables = dashboard.version, dashboard.tables
    if key not in specs:
        raise NotFound("There is no such card on this dashboard.")
    return CardQuestion(dashboard, version, specs[key], tables)


def cards_of(dashboard: Dashboard) -> list[DashboardCard]:
    """Its cards in reading order."""
    return list(dashboard.cards.order_by("position"))


def versions_of(actor: Actor, dashboard: Dashboard) -> QuerySet[ArtifactVersion]:
    """Its versions, newest first, without content."""
    return artifacts.list_versions(actor, dashboard.artifact_id)


def content_of_version(actor: Actor, dashboard: Dashboard, number: int) -> dict[str, Any]:
    """What a version held."""
    content: dict[str, Any] = artifacts.get_version_for(actor, dashboard.artifact_id, number).content
    return content


def any_exist() -> bool:
    """Whether the tenant has a dashboard at all."""
    return Dashboard.objects.exists()
