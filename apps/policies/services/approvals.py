"""Asking a person: an approval binds to the hash of what was shown, to who asked, and to a time.

The state moves by compare-and-set along `engine/approval_states.py`; each step leaves a line in the timeline and an
audit entry in the same transaction, and is told to the people concerned after commit. One of two deciders wins.
"""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, NeedsApproval, NextStep, NotFound
from apps.core.ids import parse_id
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.policies.contracts import ApprovalKind, ExecutionRequest, Finding, Subject
from apps.policies.engine.approval_states import may_move, still_covers
from apps.policies.models import Approval, ApprovalState
from apps.policies.selectors import approvers
from apps.policies.services import approval_moves
from apps.tenancy.services import wakeups

_AT_MOST = 100


def ask(
    request: ExecutionRequest,
    *,
    kinds: tuple[ApprovalKind, ...],
    sql: str,
    query_hash: str,
    estimate_id: UUID | None,
    findings: tuple[Finding, ...],
    shown: dict[str, Any] | None = None,
) -> Approval:
    """The pending approval for exactly this statement, made when there is none. `shown` is what the answer showed."""
    size = (shown or {}).get("estimated_bytes")
    return approval_moves.opened(
        Approval(
            kinds=[kind.value for kind in kinds],
            title=_title(kinds),
            query_hash=query_hash,
            sql=sql,
            purpose=request.purpose.value,
            shown=shown or {},
            datasource_id=request.datasource_id,
            artifact_ref=request.artifact_ref or "",
            estimate_id=estimate_id,
            estimated_bytes=size if isinstance(size, int) else None,
            findings=[
                {"rule": each.rule, "outcome": each.outcome.value, "message": each.message, "remedy": each.remedy}
                for each in findings
            ],
        ),
        request.actor,
    )


def ask_about(actor: Actor, subject: Subject) -> Approval:
    """The pending approval of what is no query, made when there is none."""
    return approval_moves.opened(
        Approval(
            kinds=[subject.kind.value],
            subject_type=subject.type[:40],
            subject_id=subject.id[:120],
            title=subject.title[:200],
            href=subject.href[:300],
            query_hash=subject.sha256,
            sql=subject.text,
            shown=dict(subject.shown),
        ),
        actor,
    )


def require(actor: Actor, subject: Subject, approval_id: UUID | None, *, ref: str = "") -> Approval:
    """Take the approval of exactly `subject`, or ask for one and raise NeedsApproval (409) with its id.

    Call it inside the transaction that does the thing: a failure gives the approval back with everything else.
    """
    row = Approval.objects.filter(id=approval_id, requested_by=actor.id).first() if approval_id else None
    if row is not None and row.query_hash == subject.sha256 and row.is_good:
        approval_moves.move(row, ApprovalState.USED, actor, used_ref=ref[:80])
        return row
    asked = ask_about(actor, subject)
    raise NeedsApproval(
        f"Another person has to approve this first: {subject.title}",
        extra={"approval_id": str(asked.id), "kinds": asked.kinds, "query_hash": asked.query_hash},
        next_steps=next_steps(asked),
    )


def covers(request: ExecutionRequest, *, kinds: tuple[ApprovalKind, ...], query_hash: str, size: int = 0) -> bool:
    """Whether the request names an approval that says yes to all `kinds` of exactly this statement, in time."""
    row = _named(request)
    return (
        row is not None
        and (row.is_good or _is_retry(row, request))
        and row.query_hash == query_hash
        and row.datasource_id == request.datasource_id
        and row.requested_by == request.actor.id
        and row.purpose in ("", request.purpose.value)
        and still_covers(row.estimated_bytes, size)
        and set(row.kinds) >= {kind.value for kind in kinds}
    )


def take(request: ExecutionRequest, *, ref: str) -> bool:
    """Use up the approval that `covers` said yes to, where it holds for one run; False when another run was faster."""
    row = _named(request)
    if row is None or not row.is_single_use or _is_retry(row, request):
        return row is not None
    try:
        approval_moves.move(row, ApprovalState.USED, request.actor, used_ref=_used_ref(request) or ref)
    except Conflict:
        return False
    return True


def give_back(request: ExecutionRequest) -> None:
    """The run failed and changed nothing: the approval may be used again."""
    row = _named(request)
    if row is not None and row.state == ApprovalState.USED and row.expires_at > clock.now():
        approval_moves.move(row, ApprovalState.APPROVED, request.actor, used_ref="")


def decide(actor: Actor, approval_id: UUID, *, approve: bool, comment: str = "") -> Approval:
    """Say yes or no, once. Four eyes except for the cost cap, which the requester may confirm with the scope.

    Raises Conflict (409) with who was faster and what they said, or that it has expired or was withdrawn.
    """
    actor.require(Scope.QUERIES_APPROVE)
    row = approval_moves.found(approval_id)
    if approve and row.needs_another_person and (row.requested_by == actor.id or actor.id is None):
        raise Forbidden("Another person has to approve what you asked for.", code="FOUR_EYES")
    if row.state == ApprovalState.PENDING and row.expires_at <= clock.now():
        expire(str(row.id), tenant_context.require())
        row.refresh_from_db()
    state = ApprovalState.APPROVED if approve else ApprovalState.REJECTED
    if row.state != ApprovalState.PENDING:
        raise approval_moves.closed(row)
    approval_moves.move(row, state, actor, comment=comment[:2000], decided_by=actor.id, decided_at=clock.now())
    return row


def decide_many(actor: Actor, ids: Iterable[UUID], *, approve: bool, comment: str = "") -> dict[UUID, str]:
    """Decide several, each on its own; answers the state of each, or the sentence of why not. At most a hundred."""
    answers: dict[UUID, str] = {}
    for approval_id in list(dict.fromkeys(ids))[:_AT_MOST]:
        try:
            answers[approval_id] = decide(actor, approval_id, approve=approve, comment=comment).state
        except (Conflict, Forbidden, NotFound) as error:
            answers[approval_id] = error.message
    return answers


def confirm_own(actor: Actor, approval_id: UUID) -> None:
    """Say yes to what one may confirm alone: going over the cost cap, with the scope. Anything else is left open."""
    row = Approval.objects.filter(id=approval_id, state=ApprovalState.PENDING, requested_by=actor.id).first()
    if row is not None and not row.needs_another_person:
        decide(actor, approval_id, approve=True, comment="Confirmed by the requester.")


def withdraw(actor: Actor, approval_id: UUID) -> Approval:
    """Take back what one asked for, answered or not; raises NotFound for another person's."""
    row = Approval.objects.filter(id=approval_id, requested_by=actor.id).first()
    if row is None:
        raise NotFound("There is no such approval.")
    approval_moves.move(row, ApprovalState.WITHDRAWN, actor)
    return row


def expire(ref: str, tenant: TenantRef) -> None:
    """Handler of the wake-up `policies.approval`: what nobody answered, or nobody used, in time."""
    approval_id = parse_id(ref)
    row = Approval.objects.filter(id=approval_id).first() if approval_id else None
    if row is None or not may_move(row.state, ApprovalState.EXPIRED):
        return
    if row.expires_at > clock.now():
        wakeups.schedule(approval_moves.WAKEUP, row.expires_at, ref)
        return
    try:
        approval_moves.move(row, ApprovalState.EXPIRED, Actor.system(tenant))
    except Conflict:
        return  # somebody decided in this very moment


def next_steps_of(approval_id: UUID | None) -> list[NextStep]:
    """The same of an approval by its id; none without one."""
    row = Approval.objects.filter(id=approval_id).first() if approval_id else None
    return next_steps(row) if row else []


def next_steps(row: Approval) -> list[NextStep]:
    """Where to go on from an answer that asks for this approval."""
    slug = tenant_context.require().slug
    steps = [NextStep("Open the approval", f"/t/{slug}/operations/approvals/{row.id}/")]
    shortage = approvers.shortage_of(row)
    return [NextStep(shortage), *steps] if shortage else steps


def _named(request: ExecutionRequest) -> Approval | None:
    return Approval.objects.filter(id=request.approval_id).first() if request.approval_id else None


def _used_ref(request: ExecutionRequest) -> str:
    key = request.idempotency_key
    return f"key:{hashlib.sha256(key.encode()).hexdigest()}" if key else ""


def _is_retry(row: Approval, request: ExecutionRequest) -> bool:
    """The same request again, by its idempotency key: it has taken the approval already."""
    ref = _used_ref(request)
    return bool(ref) and row.state == ApprovalState.USED and row.used_ref == ref


def _title(kinds: tuple[ApprovalKind, ...]) -> str:
    names = {
        ApprovalKind.OVER_CAP: "a query over the cost cap",
        ApprovalKind.PII_CLEAR: "personal data in clear",
        ApprovalKind.PII_FILTER: "a question that narrows personal data down",
        ApprovalKind.COMPLEXITY: "a query over the complexity cap",
        ApprovalKind.DESTRUCTIVE: "a destructive statement",
        ApprovalKind.READERS_DISAGREE: "a query that two readers read differently",
        ApprovalKind.MISSING_FILTER: "a query without its time filter",
    }
    found = [names.get(kind, kind.value.replace("_", " ")) for kind in kinds]
    text = "; ".join(found)
    return text[:1].upper() + text[1:]
