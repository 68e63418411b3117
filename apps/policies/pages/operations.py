"""Pages under Operations: approvals, decisions, costs."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.policies.models import Approval, ApprovalState, LedgerEntry
from apps.policies.selectors import approvals as reads
from apps.policies.selectors import costs as cost_reads
from apps.policies.services import approvals as writes


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """An approval, and whether this person may decide it now."""

    approval: Approval
    may_approve: bool
    may_reject: bool


@dataclass(frozen=True, slots=True)
class ApprovalsContext:
    """The inbox."""

    lines: list[ApprovalLine]
    next_cursor: str | None
    state: str
    states: list[str]


@dataclass(frozen=True, slots=True)
class CostsContext:
    """The ledger with its totals."""

    entries: list[LedgerEntry]
    next_cursor: str | None
    summary: cost_reads.Summary
    used_percent: int


@require_safe
@page(scope=Scope.APPROVALS_READ)
def approvals(request: HttpRequest) -> HttpResponse:
    """`operations/approvals/`."""
    actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    state = request.GET.get("state", ApprovalState.PENDING)
    found = reads.list_approvals_for(actor, state=state, cursor=request.GET.get("cursor") or None)
    lines = [_line(row, actor.id, can_decide=actor.has(Scope.QUERIES_APPROVE)) for row in found.items]
    context = ApprovalsContext(lines, found.next_cursor, state, list(ApprovalState.values))
    return render_page(request, "policies/approvals.html", context)


def _line(row: Approval, actor_id: UUID | None, *, can_decide: bool) -> ApprovalLine:
    is_open = can_decide and row.state == ApprovalState.PENDING
    return ApprovalLine(row, is_open and not (row.needs_another_person and row.requested_by == actor_id), is_open)


@require_POST
@page(scope=Scope.QUERIES_APPROVE)
def decide(request: HttpRequest, approval_id: UUID) -> HttpResponseBase:
    """`operations/approvals/<id>/decide`."""
    approve = request.POST.get("answer") == "approve"
    comment = request.POST.get("comment", "")
    writes.decide(request.actor, approval_id, approve=approve, comment=comment)  # type: ignore[attr-defined]
    response = redirect(reverse("policies:approvals"))
    response.status_code = 303
    return response


@require_safe
@page(scope=Scope.AUDIT_READ)
def decisions(_request: HttpRequest) -> HttpResponseBase:
    """`operations/decisions/`: the decisions are entries of the audit log."""
    return redirect(reverse("audit:log") + "?action=security_gate_decision")


@require_safe
@page(scope=Scope.AUDIT_READ)
def costs(request: HttpRequest) -> HttpResponse:
    """`operations/costs/`."""
    actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    found = cost_reads.list_entries_for(actor, cursor=request.GET.get("cursor") or None)
    summary = cost_reads.summary_for(actor)
    used = 100 * summary.hour.bytes_used // max(1, summary.hour.budget)
    return render_page(request, "policies/costs.html", CostsContext(found.items, found.next_cursor, summary, used))
