"""What the home page and the palette show of memos."""

from collections.abc import Sequence

from django.urls import reverse

from apps.core.actor import Actor
from apps.core.home import ChecklistStep, Found, HomeItem
from apps.core.permissions import Scope
from apps.memos.selectors import memos

RECENT = 3


def step(actor: Actor) -> ChecklistStep | None:
    """The checklist's step; not for those who only read, until there is something to read."""
    if not actor.has(Scope.MEMO_READ):
        return None
    done = memos.any_exist()
    if not done and not actor.has(Scope.MEMO_GENERATE):
        return None
    return ChecklistStep(
        title="Write the weekly memo",
        note="What changed, by how much, and which query says so.",
        done=done,
        href=reverse("memos:list"),
        action="Open memos" if done else "Write",
    )


def recent(actor: Actor) -> Sequence[HomeItem]:
    """The memos written last."""
    if not actor.has(Scope.MEMO_READ):
        return []
    rows = memos.list_for(actor).order_by("-generated_at", "-id")[:RECENT]
    return [
        HomeItem(
            title=row.title,
            href=reverse("memos:memo", args=[row.id]),
            note=row.headline[:140],
            icon="news",
            at=row.generated_at,
        )
        for row in rows
    ]


def search(actor: Actor, text: str, limit: int) -> Sequence[Found]:
    """Memos by what their headline says."""
    if not actor.has(Scope.MEMO_READ):
        return []
    rows = memos.list_for(actor, text=text)[:limit]
    return [
        Found(f"{row.title}: {row.headline[:60]}", "Memo", reverse("memos:memo", args=[row.id]), "news") for row in rows
    ]
