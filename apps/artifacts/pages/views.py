"""Pages of artifacts (history, difference, lineage) and of feedback."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.artifacts.api.views import FeedbackBody
from apps.artifacts.engine import diff
from apps.artifacts.enums import NodeKind, Polarity
from apps.artifacts.models import Artifact, ArtifactVersion, Feedback
from apps.artifacts.selectors import artifacts
from apps.artifacts.selectors import feedback as feedback_reads
from apps.artifacts.services import feedback
from apps.core import paging
from apps.core.actor import Actor
from apps.core.api import validated
from apps.core.errors import InvalidInput
from apps.core.pages import page, render_page, wants_fragment
from apps.core.permissions import Scope

PAGE_SIZE = 50
SHOWN_CHANGES = 100


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of nodes in the lineage figure."""

    kind: str
    labels: list[str]


@dataclass(frozen=True, slots=True)
class DetailContext:
    """An artifact's history and lineage."""

    artifact: Artifact
    versions: list[ArtifactVersion]
    columns: list[Column]
    changes: list[diff.Change]
    compared: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class FeedbackContext:
    """Feedback with its course over the weeks."""

    rows: list[Feedback]
    next_cursor: str | None
    chart: dict[str, Any]
    polarity: str
    negative: dict[str, list[dict[str, object]]]


@require_safe
@page(scope=Scope.ARTIFACT_READ)
def detail(request: HttpRequest, artifact_id: UUID) -> HttpResponse:
    """`autopilot/artifacts/<id>/`: versions, what changed, lineage."""
    actor = _actor(request)
    artifact = artifacts.get_for(actor, artifact_id)
    versions = list(artifacts.list_versions(actor, artifact_id)[:PAGE_SIZE])
    compared = _compared(request, artifact)
    changes: list[diff.Change] = []
    if compared is not None:
        before, after = (artifacts.get_version_for(actor, artifact_id, number) for number in compared)
        changes = diff.changes(before.content, after.content)[:SHOWN_CHANGES]
    graph = artifacts.lineage_of(actor, artifact_id)
    context = DetailContext(artifact, versions, _columns(graph), changes, compared)
    return render_page(request, "artifacts/detail.html", context)


@require_safe
@page(scope=Scope.ARTIFACT_READ)
def feedback_list(request: HttpRequest) -> HttpResponse:
    """`autopilot/feedback/`."""
    actor = _actor(request)
    wanted = request.GET.get("polarity", "")
    polarity = Polarity(wanted) if wanted in set(Polarity) else None
    rows = feedback_reads.list_for(actor, polarity=polarity)
    found = paging.paginate(rows, cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE)
    context = FeedbackContext(
        rows=found.items,
        next_cursor=found.next_cursor,
        chart=_weeks(feedback_reads.by_week(actor)),
        polarity=polarity or "",
        negative=feedback_reads.negative_by_hash(actor),
    )
    return render_page(request, "artifacts/feedback.html", context)


@require_POST
@page(scope=Scope.FEEDBACK_WRITE)
def give(request: HttpRequest) -> HttpResponseBase:
    """`autopilot/feedback/give`: one opinion from a page's form."""
    values = {name: request.POST.get(name, "") for name in ("kind", "polarity", "comment", "anchor", "query_hash")}
    for name in ("artifact_id", "version"):
        if request.POST.get(name):
            values[name] = request.POST[name]
    feedback.give(_actor(request), **validated(FeedbackBody, values).model_dump())
    if wants_fragment(request):
        return render_page(request, "artifacts/partials/_thanks.html")
    messages.success(request, "Thank you. Your feedback is kept with this version.")
    response = HttpResponseRedirect(reverse("artifacts:feedback"))
    response.status_code = 303
    return response


def _compared(request: HttpRequest, artifact: Artifact) -> tuple[int, int] | None:
    """The two versions to compare: those asked for, else the last two."""
    asked = [request.GET.get(name, "") for name in ("from", "to")]
    if all(asked):
        if not all(text.isdigit() and len(text) < 10 for text in asked):
            raise InvalidInput("Version numbers are whole numbers.")
        return int(asked[0]), int(asked[1])
    last = artifact.latest_number
    return (last - 1, last) if last > 1 else None


def _columns(graph: artifacts.Graph) -> list[Column]:
    found = []
    for kind in NodeKind:
        labels = sorted({label for (known, _), label in graph.nodes.items() if known == kind})
        if labels:
            found.append(Column(kind.value, labels))
    return found


def _weeks(counts: list[feedback_reads.WeekCount]) -> dict[str, Any]:
    """A stacked bar a week."""
    weeks: dict[str, dict[str, Any]] = {}
    for row in reversed(counts):
        week = weeks.setdefault(row.week.isoformat(), {"week": row.week.isoformat(), "positive": 0, "negative": 0})
        week[row.polarity] += row.count
    return {
        "type": "stacked",
        "title": "Feedback per week",
        "description": "Useful and not useful, by the week it was given in",
        "x": {"field": "week", "type": "category", "name": "Week"},
        "series": [{"field": "positive", "name": "Useful"}, {"field": "negative", "name": "Not useful"}],
        "rows": list(weeks.values()),
        "unit": {"kind": "number", "decimals": 0},
        "empty": "No feedback yet",
    }


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
