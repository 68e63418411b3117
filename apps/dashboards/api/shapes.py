"""Dashboards, cards and answers as programs and page scripts read them."""

from typing import Any

from apps.dashboards.models import Dashboard, DashboardCard
from apps.dashboards.selectors.dashboards import CardQuestion
from apps.dashboards.services.cards import CardAnswer
from apps.workflows.contracts import Run


def run_json(run: Run) -> dict[str, Any]:
    """A run that was started or joined."""
    return {
        "workflow_id": run.id,
        "status": run.status,
        "queue_position": run.queue_position,
        "joined": run.joined,
    }


def dashboard_json(row: Dashboard) -> dict[str, Any]:
    """A dashboard without its cards."""
    return {
        "id": row.id,
        "title": row.title,
        "description": row.description,
        "template": row.template,
        "template_version": row.template_version,
        "datasource_id": row.datasource_id,
        "artifact_id": row.artifact_id,
        "version": row.version,
        "catalog_hash": row.catalog_hash,
        "latest_day": row.latest_day,
        "generated_at": row.generated_at,
    }


def card_json(row: DashboardCard) -> dict[str, Any]:
    """A card and its place."""
    return {
        "key": row.key,
        "title": row.title,
        "kind": row.kind,
        "layout": {"x": row.x, "y": row.y, "w": row.w, "h": row.h},
        "description": row.spec.get("description", ""),
        "query_hash": row.query_hash,
        "estimated_bytes": row.estimated_bytes,
    }


def answer_json(asked: CardQuestion, found: CardAnswer) -> dict[str, Any]:
    """A card's answer: what to draw, and why it says what it says."""
    reply, period = found.reply, found.period
    return {
        "card": found.spec.key,
        "title": found.spec.title,
        "kind": found.spec.kind,
        "state": found.state,
        "message": "No data for this period" if found.shown.empty else "",
        "hint": found.hint,
        "period": {
            **period.as_json(),
            "starts_at": period.starts_at.isoformat(),
            "ends_at": period.ends_at.isoformat(),
        },
        "chart": None if found.shown.empty else found.shown.chart,
        "table": None if found.shown.empty else found.shown.table,
        "text": found.shown.text,
        "rows": reply.rows,
        "why": {
            "definition": found.spec.description,
            "sql": reply.sql,
            "query_hash": reply.query_hash,
            "estimated_bytes": reply.estimated_bytes,
            "estimated_cost_usd": reply.estimated_usd,
            "bytes_billed": reply.bytes_billed,
            "duration_ms": reply.duration_ms,
            "table": found.table,
            "columns": found.columns,
            "dashboard_version": asked.version,
        },
        "answered_at": found.answered_at,
        "cache_hit": reply.cache_hit,
        "simulated": reply.simulated,
        "warnings": reply.warnings,
    }
