"""What the shell shows of runs: “what is running” on the home page, and hits in the palette."""

from collections.abc import Sequence

from django.urls import reverse

from apps.core.actor import Actor
from apps.core.home import Found, HomeItem
from apps.core.permissions import Scope
from apps.workflows.pages.contexts import RunLine, lines_of
from apps.workflows.selectors import runs as reads

AT_MOST = 5


def running(actor: Actor) -> Sequence[HomeItem]:
    """Runs under way, longest first."""
    if not actor.has(Scope.WORKFLOW_READ):
        return ()
    unfinished = reads.list_unfinished(actor, limit=AT_MOST)
    return [_item(line) for line in lines_of(unfinished)] if unfinished else ()


def search(actor: Actor, text: str, limit: int) -> Sequence[Found]:
    """Runs whose title holds the text."""
    if not actor.has(Scope.WORKFLOW_READ):
        return ()
    found = reads.list_runs(actor, search=text)[:limit]
    return [Found(run.title, "Run", reverse("workflows:run", args=[run.id]), "route") for run in found]


def _item(line: RunLine) -> HomeItem:
    waiting = f"Place {line.place} in the queue" if line.place else ""
    return HomeItem(
        title=line.run.title,
        href=reverse("workflows:run", args=[line.run.id]),
        note=waiting or line.message,
        icon="route",
        at=line.run.queued_at,
        state=line.run.status,
        topic=line.topic,
        poll_url=reverse("workflows_api:run", args=[line.run.id]),
        progress=line.run.progress,
    )
