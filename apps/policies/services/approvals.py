"""Asking a person: an approval binds to the hash of the statement and to a datasource, and expires."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, NotFound
from apps.core.permissions import Scope
from apps.policies.contracts import ApprovalKind, ExecutionRequest, Finding
from apps.policies.models import Approval, ApprovalState
from apps.policies.services import settings

_PERSONAL: Final = frozenset({ApprovalKind.PII_CLEAR, ApprovalKind.PII_FILTER})
"""Kinds whose approval is for the person who asked, and nobody else."""


def ask(
    request: ExecutionRequest,
    *,
    kinds: tuple[ApprovalKind, ...],
    sql: str,
    query_hash: str,
    estimate_id: UUID | None,
    findings: tuple[Finding, ...],
) -> Approval:
    """The pending approval for exactly this statement, made when there is none."""
    with trail.unit_of_work():
        pending = Approval.objects.filter(
            state=ApprovalState.PENDING,
            query_hash=query_hash,
            datasource_id=request.datasource_id,
            requested_by=request.actor.id,
            expires_at__gt=clock.now(),
        ).first()
        if pending is not None and set(pending.kinds) == {kind.value for kind in kinds}:
            return pending
        row = Approval.objects.create(
            kinds=[kind.value for kind in kinds],
            query_hash=query_hash,
            sql=sql,
            datasource_id=request.datasource_id,
            requested_by=request.actor.id,
            estimate_id=estimate_id,
            findings=[{"rule": each.rule, "message": each.message} for each in findings],
            expires_at=clock.now() + timedelta(hours=settings.current().approval_hours),
        )
        trail.record(
            request.actor, "approval.requested", object_type="approval", object_id=row.id, sha256=query_hash,
            summary={"kinds": row.kinds},
        )  # fmt: skip
    return row


def covers(request: ExecutionRequest, *, kinds: tuple[ApprovalKind, ...], query_hash: str) -> bool:
    """Whether the request names an approval that says yes to all `kinds` of exactly this statement, in time."""
    if request.approval_id is None:
        return False
    row = Approval.objects.filter(id=request.approval_id, state=ApprovalState.APPROVED).first()
    return (
        row is not None
        and row.query_hash == query_hash
        and row.datasource_id == request.datasource_id
        and row.expires_at > clock.now()
        and set(row.kinds) >= {kind.value for kind in kinds}
        and (row.requested_by == request.actor.id or not _PERSONAL & set(kinds))
    )


def decide(actor: Actor, approval_id: UUID, *, approve: bool, comment: str = "") -> Approval:
    """Say yes or no, once. Four eyes except for the cost cap, which the requester may confirm with the scope."""
    actor.require(Scope.QUERIES_APPROVE)
    with trail.unit_of_work():
        row = Approval.objects.select_for_update().filter(id=approval_id).first()
        if row is None:
            raise NotFound("There is no such approval.")
        if row.state != ApprovalState.PENDING or row.expires_at <= clock.now():
            raise Conflict("This approval is no longer open.", code="APPROVAL_CLOSED")
        if approve and row.needs_another_person and row.requested_by == actor.id:
            raise Forbidden("Another person has to approve what you asked for.", code="FOUR_EYES")
        row.state = ApprovalState.APPROVED if approve else ApprovalState.REJECTED
        row.decided_by, row.decided_at, row.comment = actor.id, clock.now(), comment[:2000]
        row.save(update_fields=["state", "decided_by", "decided_at", "comment", "updated_at"])
        trail.record(
            actor, f"approval.{row.state}", object_type="approval", object_id=row.id, sha256=row.query_hash,
            summary={"kinds": row.kinds},
        )  # fmt: skip
    return row


def confirm_own(actor: Actor, approval_id: UUID) -> None:
    """Say yes to what one may confirm alone: going over the cost cap, with the scope. Anything else is left open."""
    row = Approval.objects.filter(id=approval_id, state=ApprovalState.PENDING, requested_by=actor.id).first()
    if row is not None and not row.needs_another_person:
        decide(actor, approval_id, approve=True, comment="Confirmed by the requester.")
