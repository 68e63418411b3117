"""The decisions of the gate for people: what it said, why, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.core.actor import Actor
from apps.core.ids import parse_id
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.policies import registry
from apps.policies.enums import Purpose
from apps.policies.pages import charts
from apps.policies.pages.costs import moment
from apps.policies.selectors import decisions as reads
from apps.policies.selectors.costs import PERIODS
from apps.policies.selectors.decisions import DECISIONS, RESULTS, DecisionFilter, DecisionLine

_NAMES = ("period", "decision", "result", "rule", "purpose", "who", "datasource", "query_hash", "since", "until")


@dataclass(frozen=True, slots=True)
class DecisionsContext:
    """What the page shows."""

    lines: list[tuple[DecisionLine, str]]
    next_cursor: str | None
    asked: Mapping[str, str]
    periods: list[str]
    outcomes: Sequence[str]
    results: Sequence[str]
    purposes: list[str]
    datasources: list[tuple[str, str]]
    chart: dict[str, Any]
    is_filtered: bool


@require_safe
@page(scope=Scope.AUDIT_READ)
def decisions(request: HttpRequest) -> HttpResponse:
    """`operations/decisions/`."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    asked = {name: request.GET.get(name, "").strip()[:200] for name in _NAMES}
    search = _filter(asked)
    lines, cursor = reads.list_decisions_for(actor, search, cursor=request.GET.get("cursor") or None)
    sources = registry.choices_of("datasource", actor)
    names = dict(sources)
    context = DecisionsContext(
        lines=[(line, names.get(line.datasource_id, "")) for line in lines],
        next_cursor=cursor,
        asked=asked,
        periods=list(PERIODS),
        outcomes=DECISIONS,
        results=RESULTS,
        purposes=[purpose.value for purpose in Purpose],
        datasources=sources,
        chart=charts.decisions_over_time(reads.count_by_time(actor, search)),
        is_filtered=any(value for name, value in asked.items() if name != "period"),
    )
    return render_page(request, "policies/decisions.html", context, fragment="policies/partials/_decisions.html")


def _filter(asked: Mapping[str, str]) -> DecisionFilter:
    return DecisionFilter(
        period=asked["period"] if asked["period"] in PERIODS else "7d",
        decision=asked["decision"] if asked["decision"] in DECISIONS else "",
        result=asked["result"] if asked["result"] in RESULTS else "",
        rule=asked["rule"].lower().replace(" ", "_"),
        purpose=asked["purpose"] if asked["purpose"] in set(Purpose) else "",
        who=asked["who"],
        datasource_id=parse_id(asked["datasource"]),
        query_hash=asked["query_hash"].lower(),
        since=moment(asked["since"]),
        until=moment(asked["until"]),
    )
