"""The cost ledger for people: the live hour, charts over time and by whom, the entries, a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import parse_id
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.policies import registry
from apps.policies.api.costs import ledger_file
from apps.policies.contracts import BudgetState
from apps.policies.models import LedgerEntry, LedgerState
from apps.policies.pages import charts
from apps.policies.selectors import approvers
from apps.policies.selectors import costs as reads
from apps.policies.selectors.costs import PERIODS, CostFilter, Share, Summary
from apps.policies.services import ledger


@dataclass(frozen=True, slots=True)
class CostLine:
    """An entry with readable names; `drift` is billed over estimated."""

    entry: LedgerEntry
    who: str
    datasource: str
    drift: float | None


@dataclass(frozen=True, slots=True)
class CostsContext:
    """The ledger with its totals and charts."""

    entries: list[CostLine]
    next_cursor: str | None
    search: CostFilter
    asked: Mapping[str, str]
    periods: list[str]
    states: list[str]
    people: list[tuple[str, str]]
    datasources: list[tuple[str, str]]
    summary: Summary
    hour: BudgetState
    used_share: float
    charts: list[tuple[str, str, dict[str, Any]]]
    top_queries: list[tuple[Share, str]]
    is_filtered: bool
    may_release: bool


@require_safe
@page(scope=Scope.AUDIT_READ)
def costs(request: HttpRequest) -> HttpResponse:
    """`operations/costs/`."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    asked = _asked(request)
    search = _filter(asked)
    found = reads.list_entries_for(actor, search, cursor=request.GET.get("cursor") or None)
    summary = reads.summary_for(actor, search)
    people = {str(each): name for each, name in _people().items()}
    sources = dict(registry.choices_of("datasource", actor))
    context = CostsContext(
        entries=[_line(row, people, sources) for row in found.items],
        next_cursor=found.next_cursor,
        search=search,
        asked=asked,
        periods=list(PERIODS),
        states=list(LedgerState.values),
        people=sorted(people.items(), key=lambda each: each[1]),
        datasources=sorted(sources.items(), key=lambda each: each[1]),
        summary=summary,
        hour=summary.hour,
        used_share=_used_share(summary.hour),
        charts=_charts(actor, search, summary, people, sources),
        top_queries=_top_queries(actor, search),
        is_filtered=any(value for name, value in asked.items() if name != "period"),
        may_release=actor.has(Scope.SETTINGS_MANAGE),
    )
    return render_page(request, "policies/costs.html", context, fragment="policies/partials/_costs.html")


@require_safe
@page(scope=Scope.AUDIT_READ)
def hour(request: HttpRequest) -> HttpResponse:
    """`operations/costs/hour`: the gauge alone, which the page reads again every few seconds."""
    state = reads.hour_for(request.actor)  # type: ignore[attr-defined]  # set by the identity middleware
    return render_page(request, "policies/partials/_hour.html", {"hour": state, "used_share": _used_share(state)})


@require_safe
@page(scope=Scope.AUDIT_READ)
def export(request: HttpRequest) -> HttpResponse:
    """`operations/costs/export`: what the filter shows, as a file."""
    return ledger_file(request.actor, _filter(_asked(request)))  # type: ignore[attr-defined]


@require_POST
@page(scope=Scope.SETTINGS_MANAGE)
def release(request: HttpRequest, entry_id: UUID) -> HttpResponseBase:
    """`operations/costs/<id>/release`: a lost execution billed nothing, says a person."""
    ledger.release_lost(request.actor, entry_id)  # type: ignore[attr-defined]  # set by the identity middleware
    messages.success(request, "Its bytes are back in the hour.")
    response = redirect(reverse("policies:costs"))
    response.status_code = 303
    return response


def _charts(
    actor: Actor, search: CostFilter, summary: Summary, people: Mapping[str, str], sources: Mapping[str, str]
) -> list[tuple[str, str, dict[str, Any]]]:
    def shares(dimension: str) -> list[Share]:
        return list(reads.shares_for(actor, search, dimension))

    rank = charts.ranking
    return [
        ("chart-bytes", "Bytes over time", charts.bytes_over_time(summary)),
        ("chart-usd", "Cost over time", charts.dollars_over_time(summary)),
        ("chart-people", "By person", rank("By person", shares("actor_id"), people, nobody="the system")),
        ("chart-sources", "By datasource", rank("By datasource", shares("datasource_id"), sources, nobody="–")),
        ("chart-artifacts", "By artifact", rank("By artifact", shares("artifact_ref"), {}, nobody="asked by hand")),
        ("chart-drift", "Billed over estimated", charts.drift_over_time(summary)),
    ]


def _top_queries(actor: Actor, search: CostFilter) -> list[tuple[Share, str]]:
    found = reads.shares_for(actor, search, "query_hash")
    return [(each, reverse("policies:decisions") + f"?period=90d&query_hash={each.key}") for each in found]


def _asked(request: HttpRequest) -> dict[str, str]:
    names = ("period", "state", "person", "datasource", "artifact", "query_hash", "estimate", "since", "until")
    return {name: request.GET.get(name, "").strip()[:200] for name in names}


def _filter(asked: Mapping[str, str]) -> CostFilter:
    return CostFilter(
        period=asked["period"] if asked["period"] in PERIODS else "30d",
        since=moment(asked["since"]),
        until=moment(asked["until"]),
        datasource_id=parse_id(asked["datasource"]),
        actor_id=parse_id(asked["person"]),
        artifact=asked["artifact"],
        state=asked["state"],
        query_hash=asked["query_hash"].lower(),
        estimate_id=parse_id(asked["estimate"]),
    )


def moment(text: str) -> datetime | None:
    """A `datetime-local` value, read in the workspace's zone; None for anything else."""
    try:
        found = parse_datetime(text) if text else None
    except ValueError:
        return None
    if found is None or found.tzinfo is not None:
        return found
    return found.replace(tzinfo=ZoneInfo(tenant_context.require().timezone))


def _people() -> dict[UUID, str]:
    return approvers.all_names()


def _line(row: LedgerEntry, people: Mapping[str, str], sources: Mapping[str, str]) -> CostLine:
    is_known = row.actual_bytes is not None and row.estimate.bytes and not row.cache_hit
    drift = float(row.actual_bytes or 0) / row.estimate.bytes if is_known else None
    who = people.get(str(row.actor_id), "") if row.actor_id else "system"
    return CostLine(row, who or "–", sources.get(str(row.datasource_id), ""), drift)


def _used_share(hour_now: BudgetState) -> float:
    return min(1.0, hour_now.bytes_used / max(1, hour_now.budget))
