"""The approvals on the home page."""

from collections.abc import Sequence

from django.urls import reverse

from apps.core.actor import Actor
from apps.core.home import HomeItem
from apps.core.permissions import Scope
from apps.policies.selectors import approvals

_SHOWN = 5


def attention(actor: Actor) -> Sequence[HomeItem]:
    """What waits for this person's answer."""
    if not actor.has(Scope.QUERIES_APPROVE):
        return []
    return [
        HomeItem(
            row.title or "Approve a query",
            href=reverse("policies:approval", args=[row.id]),
            note=f"asked by {row.requester}" if row.requester else "",
            icon="checklist",
            at=row.created_at,
            state="awaiting_approval",
        )
        for row in approvals.awaiting(actor)[:_SHOWN]
    ]
