"""The approvals inbox, one approval with its timeline, and the forms that answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden
from apps.core.ids import parse_id
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.policies import registry
from apps.policies.enums import ApprovalKind
from apps.policies.models import Approval, ApprovalEvent, ApprovalState
from apps.policies.selectors import approvals as reads
from apps.policies.selectors import approvers
from apps.policies.selectors.approvals import ApprovalFilter
from apps.policies.services import approvals as writes

ANY = "all"


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """An approval, and what this person may do with it now."""

    approval: Approval
    may_approve: bool
    may_reject: bool
    may_withdraw: bool
    may_run: bool
    datasource: str


@dataclass(frozen=True, slots=True)
class ApprovalsContext:
    """The inbox."""

    lines: list[ApprovalLine]
    next_cursor: str | None
    search: ApprovalFilter
    states: list[str]
    kinds: list[str]
    can_decide: bool
    is_filtered: bool


@dataclass(frozen=True, slots=True)
class ApprovalContext:
    """One approval."""

    line: ApprovalLine
    timeline: Sequence[ApprovalEvent]
    shown: list[tuple[str, Any]]
    cost: Mapping[str, Any]
    shortage: str
    eligible: list[str]
    error: str = ""
    comment: str = ""


@require_safe
@page(scope=Scope.APPROVALS_READ)
def inbox(request: HttpRequest) -> HttpResponse:
    """`operations/approvals/`."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("state", "kind", "q", "mine")}
    state = asked["state"] or ("" if asked["q"] or asked["mine"] == "asked" else ApprovalState.PENDING)
    search = ApprovalFilter(
        state="" if state == ANY else state, kind=asked["kind"], text=asked["q"], mine=asked["mine"]
    )
    found = reads.list_approvals_for(actor, search, cursor=request.GET.get("cursor") or None)
    names = registry.names_of("datasource", actor, {row.datasource_id for row in found.items})
    context = ApprovalsContext(
        lines=[_line(row, actor, names) for row in found.items],
        next_cursor=found.next_cursor,
        search=ApprovalFilter(state=state, kind=search.kind, text=search.text, mine=search.mine),
        states=list(ApprovalState.values),
        kinds=[kind.value for kind in ApprovalKind],
        can_decide=actor.has(Scope.QUERIES_APPROVE),
        is_filtered=any(asked.values()),
    )
    return render_page(request, "policies/approvals.html", context, fragment="policies/partials/_approvals.html")


@require_safe
@page(scope=Scope.APPROVALS_READ)
def approval(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    """`operations/approvals/<id>/`."""
    return _shown(request, approval_id)


@require_POST
@page(scope=Scope.QUERIES_APPROVE)
def decide(request: HttpRequest, approval_id: UUID) -> HttpResponseBase:
    """`operations/approvals/<id>/decide`: 303 to the approval, or the page again with what was in the way."""
    approve, comment = request.POST.get("answer") == "approve", request.POST.get("comment", "")[:2000]
    try:
        row = writes.decide(request.actor, approval_id, approve=approve, comment=comment)  # type: ignore[attr-defined]
    except (Conflict, Forbidden) as error:
        return _shown(request, approval_id, error=error.message, comment=comment, status=error.status)
    messages.success(request, "Approved." if row.state == ApprovalState.APPROVED else "Rejected.")
    return _see_other(reverse("policies:approval", args=[approval_id]))


@require_POST
@page(scope=Scope.QUERIES_APPROVE)
def decide_many(request: HttpRequest) -> HttpResponseBase:
    """`operations/approvals/decide`: several at once; each line tells for itself what came of it."""
    ids = [found for text in request.POST.getlist("id")[:100] if (found := parse_id(text))]
    approve = request.POST.get("answer") == "approve"
    comment = request.POST.get("comment", "")
    answers = writes.decide_many(request.actor, ids, approve=approve, comment=comment)  # type: ignore[attr-defined]
    done = sum(answer in ApprovalState.values for answer in answers.values())
    if done:
        messages.success(request, f"{done} {'approved' if approve else 'rejected'}.")
    for sentence in sorted({answer for answer in answers.values() if answer not in ApprovalState.values}):
        messages.warning(request, sentence)
    if not answers:
        messages.warning(request, "Choose at least one approval.")
    return _see_other(reverse("policies:approvals"))


@require_POST
@page(scope=Scope.APPROVALS_READ)
def withdraw(request: HttpRequest, approval_id: UUID) -> HttpResponseBase:
    """`operations/approvals/<id>/withdraw`."""
    try:
        writes.withdraw(request.actor, approval_id)  # type: ignore[attr-defined]  # set by the identity middleware
    except Conflict as error:
        return _shown(request, approval_id, error=error.message, status=error.status)
    messages.success(request, "Withdrawn.")
    return _see_other(reverse("policies:approval", args=[approval_id]))


def _shown(
    request: HttpRequest, approval_id: UUID, *, error: str = "", comment: str = "", status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    row = reads.get_approval_for(actor, approval_id)
    eligible = approvers.eligible_for(row)
    names = registry.names_of("datasource", actor, {row.datasource_id})
    cost = row.shown if row.estimated_bytes is not None else {}
    context = ApprovalContext(
        line=_line(row, actor, names),
        timeline=reads.timeline_of(row),
        shown=[] if cost else [(name.replace("_", " "), value) for name, value in row.shown.items()],
        cost=cost,
        shortage=approvers.shortage_of(row, eligible) if row.is_open else "",
        eligible=[each.name for each in eligible],
        error=error,
        comment=comment,
    )
    return render_page(
        request, "policies/approval.html", context, fragment="policies/partials/_approval.html", status=status
    )


def _line(row: Approval, actor: Actor, names: Mapping[UUID, str]) -> ApprovalLine:
    is_mine = row.requested_by is not None and row.requested_by == actor.id
    can_answer = actor.has(Scope.QUERIES_APPROVE) and row.is_open
    return ApprovalLine(
        approval=row,
        may_approve=can_answer and not (row.needs_another_person and is_mine),
        may_reject=can_answer,
        may_withdraw=is_mine and (row.is_open or row.is_good),
        may_run=is_mine and row.is_good and row.is_query and row.datasource_id is not None,
        datasource=names.get(row.datasource_id, "") if row.datasource_id else "",
    )


def _see_other(address: str) -> HttpResponseBase:
    response = redirect(address)
    response.status_code = 303
    return response
