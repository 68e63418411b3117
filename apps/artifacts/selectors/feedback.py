"""Reading feedback: all of it for an artifact, and week by week."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek

from apps.artifacts.enums import Polarity
from apps.artifacts.models import Feedback
from apps.core.actor import Actor
from apps.core.permissions import Scope

MAX_HASHES = 50


@dataclass(frozen=True, slots=True)
class WeekCount:
    """How often one kind was judged one way in the week that begins on `week` (a Monday)."""

    week: date
    kind: str
    polarity: str
    count: int


def list_for(
    actor: Actor, *, artifact_id: UUID | None = None, version: int | None = None, polarity: Polarity | None = None
) -> QuerySet[Feedback]:
    """Feedback the caller may read."""
    actor.require(Scope.ARTIFACT_READ)
    rows = Feedback.objects.all()
    if artifact_id is not None:
        rows = rows.filter(artifact_id=artifact_id)
    if version is not None:
        rows = rows.filter(version=version)
    return rows.filter(polarity=polarity) if polarity is not None else rows


def by_week(actor: Actor) -> list[WeekCount]:
    """Counts by week, kind and polarity, the newest week first."""
    rows = list_for(actor).annotate(week=TruncWeek("created_at")).values("week", "kind", "polarity")
    counted = rows.annotate(count=Count("id")).order_by("-week", "kind", "polarity")
    return [WeekCount(row["week"].date(), row["kind"], row["polarity"], row["count"]) for row in counted]


def negative_by_hash(actor: Actor) -> dict[str, list[dict[str, object]]]:
    """Negative feedback against the prompts and queries behind it, the worst first."""
    prompts: dict[str, int] = {}
    tools: dict[str, int] = {}
    for prompt, hashes, query in list_for(actor, polarity=Polarity.NEGATIVE).values_list(
        "prompt_hash", "tool_hashes", "query_hash"
    ):
        if prompt:
            prompts[prompt] = prompts.get(prompt, 0) + 1
        for known in {*hashes, query} - {""}:
            tools[known] = tools.get(known, 0) + 1
    return {"prompt_hashes": _ranked(prompts), "tool_hashes": _ranked(tools)}


def has_given(actor: Actor) -> bool:
    """Whether anybody of the tenant has given feedback."""
    return list_for(actor).exists()


def _ranked(counts: dict[str, int]) -> list[dict[str, object]]:
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:MAX_HASHES]
    return [{"hash": known, "negative": count} for known, count in ordered]
