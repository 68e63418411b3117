"""Reads of approvals."""

from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.paging import Page, paginate
from apps.core.permissions import Scope
from apps.policies.models import Approval, ApprovalState


def list_approvals_for(actor: Actor, *, state: str = "", cursor: str | None = None, limit: int = 50) -> Page[Approval]:
    """Approvals, newest first; who may not approve sees the ones they asked for."""
    actor.require(Scope.APPROVALS_READ)
    rows = Approval.objects.all()
    if not actor.has(Scope.QUERIES_APPROVE):
        rows = rows.filter(requested_by=actor.id)
    if state in ApprovalState.values:
        rows = rows.filter(state=state)
    return paginate(rows, cursor=cursor, limit=limit)


def get_approval_for(actor: Actor, approval_id: UUID) -> Approval:
    """One approval; raises NotFound for one the actor may not see."""
    actor.require(Scope.APPROVALS_READ)
    found = Approval.objects.filter(id=approval_id).first()
    if found is None or (found.requested_by != actor.id and not actor.has(Scope.QUERIES_APPROVE)):
        raise NotFound("There is no such approval.")
    return found
