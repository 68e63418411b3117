"""Reads of approvals: the inbox with search and paging, one with its timeline, what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.ids import parse_id
from apps.core.paging import Page, paginate
from apps.core.permissions import Scope
from apps.policies.enums import ALONE, ApprovalKind
from apps.policies.models import Approval, ApprovalEvent, ApprovalState


@dataclass(frozen=True, slots=True)
class ApprovalFilter:
    """What to look for; empty fields do not narrow. `mine` is `asked` or `decide`."""

    state: str = ""
    kind: str = ""
    text: str = ""
    mine: str = ""


def list_approvals_for(
    actor: Actor, search: ApprovalFilter = ApprovalFilter(), *, cursor: str | None = None, limit: int = 50
) -> Page[Approval]:
    """Approvals, newest first; who may not approve sees the ones they asked for."""
    rows = _visible(actor)
    if search.state in ApprovalState.values:
        rows = rows.filter(state=search.state)
    if search.kind in set(ApprovalKind):
        rows = rows.filter(kinds__contains=[search.kind])
    if search.mine == "asked":
        rows = rows.filter(requested_by=actor.id)
    if search.mine == "decide":
        rows = rows.filter(_decidable(actor))
    if search.text:
        rows = rows.filter(_matching(search.text.strip()))
    return paginate(rows, cursor=cursor, limit=limit)


def get_approval_for(actor: Actor, approval_id: UUID) -> Approval:
    """One approval; raises NotFound for one the actor may not see."""
    found = _visible(actor).filter(id=approval_id).first()
    if found is None:
        raise NotFound("There is no such approval.")
    return found


def timeline_of(row: Approval) -> Sequence[ApprovalEvent]:
    """What happened to it, oldest first."""
    return list(row.events.all())


def awaiting(actor: Actor) -> QuerySet[Approval]:
    """Open ones that this person may answer, the one that expires first on top."""
    actor.require(Scope.QUERIES_APPROVE)
    return Approval.objects.filter(_decidable(actor)).order_by("expires_at")


def _visible(actor: Actor) -> QuerySet[Approval]:
    actor.require(Scope.APPROVALS_READ)
    rows = Approval.objects.all()
    return rows if actor.has(Scope.QUERIES_APPROVE) else rows.filter(requested_by=actor.id)


def _decidable(actor: Actor) -> Q:
    """Pending and in time, and not one's own where that takes another person."""
    alone = Q(kinds__contained_by=[kind.value for kind in ALONE])
    others = ~Q(requested_by=actor.id) | Q(requested_by=None)
    return Q(state=ApprovalState.PENDING, expires_at__gt=clock.now()) & (alone | others)


def _matching(text: str) -> Q:
    found = (
        Q(sql__icontains=text) | Q(title__icontains=text) | Q(requester__icontains=text) | Q(comment__icontains=text)
    )
    found |= Q(query_hash__startswith=text.lower()) | Q(subject_id=text)
    identity = parse_id(text)
    return found | Q(id=identity) | Q(datasource_id=identity) if identity else found
