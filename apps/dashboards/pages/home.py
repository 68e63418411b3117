"""What the home page and the palette show of dashboards."""

from collections.abc import Sequence

from django.urls import reverse

from apps.core.actor import Actor
from apps.core.home import ChecklistStep, Found, HomeItem
from apps.core.permissions import Scope
from apps.dashboards.selectors import dashboards

RECENT = 4


def step(actor: Actor) -> ChecklistStep | None:
    """The checklist's step; not for those who only read, until there is something to read."""
    if not actor.has(Scope.DASHBOARD_READ):
        return None
    done = dashboards.any_exist()
    if not done and not actor.has(Scope.DASHBOARD_GENERATE):
        return None
    return ChecklistStep(
        title="Generate the dashboards",
        note="Real charts from the tables you confirmed; the cost is shown first.",
        done=done,
        href=reverse("dashboards:list"),
        action="Open dashboards" if done else "Generate",
    )


def recent(actor: Actor) -> Sequence[HomeItem]:
    """The dashboards generated last."""
    if not actor.has(Scope.DASHBOARD_READ):
        return []
    rows = dashboards.list_for(actor).order_by("-generated_at", "-id")[:RECENT]
    return [
        HomeItem(
            title=row.title,
            href=reverse("dashboards:board", args=[row.id]),
            note=f"Dashboard, version {row.version}",
            icon="layout-dashboard",
            at=row.generated_at,
        )
        for row in rows
    ]


def search(actor: Actor, text: str, limit: int) -> Sequence[Found]:
    """Dashboards by title."""
    if not actor.has(Scope.DASHBOARD_READ):
        return []
    rows = dashboards.list_for(actor, text=text)[:limit]
    return [
        Found(row.title, "Dashboard", reverse("dashboards:board", args=[row.id]), "layout-dashboard") for row in rows
    ]
