"""What the catalog shows on the home page and in the palette: checklist steps, freshness, reviews, tables."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import ngettext

from apps.core.actor import Actor
from apps.core.home import ChecklistStep, Found, HomeItem
from apps.core.permissions import Scope
from apps.datasources.models import Recommendation, RecommendationStatus
from apps.datasources.selectors import catalog


def profile_step(actor: Actor) -> ChecklistStep | None:
    """Profile the warehouse."""
    if not actor.has(Scope.CATALOG_READ):
        return None
    count = catalog.profiled_count()
    connected = bool(catalog.list_warehouses(actor))
    return ChecklistStep(
        title="Profile your data",
        note=f"{count} tables profiled." if count else "Every table measured, personal data found and protected.",
        done=count > 0,
        href=reverse("datasources:catalog"),
        action="See the catalog" if count else "Profile",
        blocked=not connected,
    )


def confirm_step(actor: Actor) -> ChecklistStep | None:
    """Confirm what tables are for."""
    if not actor.has(Scope.CATALOG_READ):
        return None
    rows = Recommendation.objects.filter(table__gone_at__isnull=True)
    confirmed = rows.filter(status=RecommendationStatus.CONFIRMED).count()
    pending = rows.filter(status=RecommendationStatus.PENDING).count()
    note = (
        f"{confirmed} tables confirmed, {pending} waiting."
        if confirmed
        else "Say which tables matter and what they mean."
    )
    return ChecklistStep(
        title="Confirm the recommended tables",
        note=note,
        done=confirmed > 0,
        href=reverse("datasources:recommendations"),
        action="Review",
        blocked=not (confirmed or pending),
    )


def attention(actor: Actor) -> Sequence[HomeItem]:
    """Columns that may hold personal data and wait for a decision."""
    if not actor.has(Scope.PII_REVIEW):
        return ()
    waiting = catalog.list_pii_review(actor).count()
    if not waiting:
        return ()
    title = ngettext("%d column may hold personal data", "%d columns may hold personal data", waiting) % waiting
    return [HomeItem(title, reverse("datasources:pii"), "Confirm or reject them.", "shield-lock")]


def freshness(actor: Actor) -> Sequence[HomeItem]:
    """The tables people confirmed, with the time of their newest row."""
    if not actor.has(Scope.CATALOG_READ):
        return ()
    rows = catalog.list_recommendations(actor, status=RecommendationStatus.CONFIRMED)
    dated = rows.filter(table__latest_at__isnull=False).order_by("-table__latest_at")[:5]
    return [
        HomeItem(
            title=row.table.name,
            href=reverse("datasources:catalog_table", args=[row.table_id]),
            note="newest row",
            icon="table",
            at=row.table.latest_at,
        )
        for row in dated
    ]


def search(actor: Actor, text: str, limit: int) -> Sequence[Found]:
    """Tables whose name or columns hold the text."""
    if not actor.has(Scope.CATALOG_READ):
        return ()
    found = catalog.list_tables(actor, text=text).order_by("name")[:limit]
    return [
        Found(str(table), "Table", reverse("datasources:catalog_table", args=[table.id]), "table") for table in found
    ]
