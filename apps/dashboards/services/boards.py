"""Storing generated dashboards: layout, rows and artifact version, all or nothing."""

from typing import Any
from uuid import UUID

from apps.artifacts.contracts import Edge, Node
from apps.artifacts.enums import ArtifactKind, NodeKind
from apps.artifacts.services import versions
from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor
from apps.dashboards.contracts import Board, CardCost, CardOutcome, Estimates, Outcomes, Plan, Stored, StoredBoard
from apps.dashboards.engine import layout
from apps.dashboards.engine.lineage import edges_of
from apps.dashboards.engine.spec import CardSpec
from apps.dashboards.errors import NothingToShow
from apps.dashboards.models import Dashboard, DashboardCard
from apps.dashboards.services import snapshot
from apps.datasources.selectors import registry

Placed = list[tuple[CardSpec, layout.Box, CardOutcome]]


def store(
    actor: Actor, datasource_id: UUID, made: Plan, *, costs: Estimates, outcomes: Outcomes, run_id: UUID | None
) -> Stored:
    """Create or update each dashboard and add its version; raises NothingToShow when no card of any came through."""
    with trail.unit_of_work():
        found = [_store(actor, datasource_id, made, board, costs, outcomes, run_id) for board in made.boards]
    stored = [board for board in found if board is not None]
    if not stored:
        reasons = {card.left_out for card in _judged(costs, outcomes) if card.left_out}
        raise NothingToShow("No card could be made: " + " ".join(sorted(reasons)[:3]))
    return Stored(dashboards=stored)


def _store(
    actor: Actor,
    datasource_id: UUID,
    made: Plan,
    board: Board,
    costs: Estimates,
    outcomes: Outcomes,
    run_id: UUID | None,
) -> StoredBoard | None:
    placed = _placed(board, outcomes)
    if not placed:
        return None
    omitted = _omitted(board, costs, outcomes)
    content = _content(made, board, placed, omitted)
    dashboard = _row(datasource_id, made, board, omitted)
    version = versions.store(
        ArtifactKind.DASHBOARD,
        f"{datasource_id}:{board.template}",
        title=board.title,
        content=content,
        lineage=_lineage(dashboard, made, placed, registry.get_datasource_for(actor, datasource_id).name),
        actor=actor,
        datasource_id=datasource_id,
        provenance={"estimated_bytes": costs.total_bytes, "query_hashes": [o.query_hash for _, _, o in placed]},
        run_id=run_id,
    )
    dashboard.artifact_id, dashboard.version, dashboard.run_id = version.artifact_id, version.number, run_id
    dashboard.save()
    _replace_cards(dashboard, placed, {card.key: card.bytes for card in costs.cards})
    _record(actor, dashboard, version.number, len(placed), version.sha256)
    return StoredBoard(
        dashboard_id=dashboard.id,
        template=board.template,
        title=board.title,
        version=version.number,
        is_new_version=version.is_new,
        cards=len(placed),
        left_out=len(omitted),
    )


def _placed(board: Board, outcomes: Outcomes) -> Placed:
    good = {card.key: card for card in outcomes.cards if card.template == board.template and not card.left_out}
    cards = [card for card in board.cards if card.key in good]
    boxes = layout.arrange((card.kind, card.width) for card in cards)
    return [(card, box, good[card.key]) for card, box in zip(cards, boxes, strict=True)]


def _omitted(board: Board, costs: Estimates, outcomes: Outcomes) -> list[dict[str, str]]:
    titles = {card.key: card.title for card in board.cards}
    cards = _judged(costs, outcomes)
    reasons = {card.key: card.left_out for card in cards if card.template == board.template and card.left_out}
    return [{"key": key, "title": titles[key], "reason": reason} for key, reason in reasons.items()]


def _judged(costs: Estimates, outcomes: Outcomes) -> list[CardCost | CardOutcome]:
    return [*costs.cards, *outcomes.cards]


def _content(made: Plan, board: Board, placed: Placed, omitted: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "template": board.template,
        "template_version": board.template_version,
        "title": board.title,
        "description": board.description,
        "period": made.period.as_json(),
        "catalog_hash": made.catalog_hash,
        "tables": made.tables,
        "cards": [
            {
                "key": card.key,
                "title": card.title,
                "kind": str(card.kind),
                "layout": {"x": box.x, "y": box.y, "w": box.w, "h": box.h},
                "spec": card.model_dump(mode="json"),
                "sql": outcome.sql,
                "query_hash": outcome.query_hash,
            }
            for card, box, outcome in placed
        ],
        "omitted": omitted,
    }


def _row(datasource_id: UUID, made: Plan, board: Board, omitted: list[dict[str, str]]) -> Dashboard:
    """The dashboard's row, locked, with what was generated; a new one is saved once its version is known."""
    known = Dashboard.objects.select_for_update().filter(datasource_id=datasource_id, template=board.template).first()
    dashboard = known or Dashboard(datasource_id=datasource_id, template=board.template)
    dashboard.template_version = board.template_version
    dashboard.title, dashboard.description = board.title, board.description
    dashboard.tables, dashboard.catalog_hash = made.tables, made.catalog_hash
    dashboard.omitted, dashboard.latest_day = omitted, made.latest_day
    dashboard.generated_at = clock.now()
    return dashboard


def _replace_cards(dashboard: Dashboard, placed: Placed, sizes: dict[str, int]) -> None:
    DashboardCard.objects.filter(dashboard=dashboard).delete()
    DashboardCard.objects.bulk_create(
        DashboardCard(
            dashboard=dashboard,
            key=card.key,
            position=position,
            title=card.title[:200],
            kind=card.kind,
            x=box.x,
            y=box.y,
            w=box.w,
            h=box.h,
            spec=card.model_dump(mode="json"),
            query_hash=outcome.query_hash,
            estimated_bytes=sizes.get(card.key),
        )
        for position, (card, box, outcome) in enumerate(placed)
    )


def _lineage(dashboard: Dashboard, made: Plan, placed: Placed, source_name: str) -> list[Edge]:
    tables = snapshot.read(made.tables)
    node = Node(NodeKind.DASHBOARD, str(dashboard.id), dashboard.title)
    origin = Node(NodeKind.DATASOURCE, str(dashboard.datasource_id), source_name)
    found: list[Edge] = []
    for card, _, outcome in placed:
        shown = Node(NodeKind.CARD, f"{dashboard.id}/{card.key}", card.title)
        asked = Node(NodeKind.QUERY, outcome.query_hash, card.title)
        found += edges_of(origin, tables[card.table_id], card, asked)
        found += [Edge(asked, shown), Edge(shown, node)]
    return found


def _record(actor: Actor, dashboard: Dashboard, version: int, cards: int, sha256: str) -> None:
    trail.record(
        actor,
        "dashboard.generated",
        object_type="dashboard",
        object_id=dashboard.id,
        summary={"template": dashboard.template, "version": version, "cards": cards, "omitted": len(dashboard.omitted)},
        sha256=sha256,
    )
