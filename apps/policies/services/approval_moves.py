"""The only writer of approvals: opening one, and moving it by compare-and-set, with timeline, audit, wake-up, news."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound
from apps.policies.engine.approval_states import may_move, still_covers
from apps.policies.models import Approval, ApprovalEvent, ApprovalState
from apps.policies.services import approval_news, settings
from apps.tenancy.services import wakeups

WAKEUP: Final = "policies.approval"


def opened(row: Approval, actor: Actor) -> Approval:
    """Insert `row` unless the same question is open; two callers at once get the same one."""
    row.requested_by, row.requester = actor.id, (actor.name or actor.email)[:254]
    row.binding = _binding(row)
    row.expires_at = clock.now() + timedelta(hours=settings.current().approval_hours)
    with trail.unit_of_work():
        standing = Approval.objects.filter(binding=row.binding, state=ApprovalState.PENDING).first()
        if standing is not None and not _replaced(standing, row, actor):
            return standing
        Approval.objects.bulk_create([row], ignore_conflicts=True)
        made = Approval.objects.get(binding=row.binding, state=ApprovalState.PENDING)
        if made.id == row.id:
            _note(made, "", actor, "")
            wakeups.schedule(WAKEUP, made.expires_at, str(made.id))
            approval_news.asked(made)
            _record(made, actor, "approval.requested")
    return made


def _replaced(standing: Approval, wish: Approval, actor: Actor) -> bool:
    """Whether an open one had to go: its time is over, or the estimate has grown past what it shows."""
    if standing.expires_at <= clock.now():
        move(standing, ApprovalState.EXPIRED, Actor.system(actor.tenant))
        return True
    if still_covers(standing.estimated_bytes, wish.estimated_bytes or 0):
        return False
    move(standing, ApprovalState.WITHDRAWN, actor, comment="The estimate has grown; asked again.")
    return True


def move(row: Approval, state: ApprovalState, actor: Actor, **values: Any) -> None:
    """One step of the table, by compare-and-set; raises Conflict when another step came first."""
    before = row.state
    if not may_move(before, state):
        raise closed(row)
    with trail.unit_of_work():
        now: datetime = clock.now()
        moved = Approval.objects.filter(id=row.id, state=before).update(state=state, updated_at=now, **values)
        if not moved:
            raise closed(found(row.id))
        row.state = state
        for name, value in values.items():
            setattr(row, name, value)
        _note(row, before, actor, str(values.get("comment", "")))
        if not may_move(state, ApprovalState.EXPIRED):
            wakeups.cancel(WAKEUP, str(row.id))
        elif before == ApprovalState.USED:
            wakeups.schedule(WAKEUP, row.expires_at, str(row.id))
        approval_news.changed(row, by=actor.name or actor.email)
        _record(row, actor, f"approval.{state}")


def _note(row: Approval, before: str, actor: Actor, comment: str) -> None:
    ApprovalEvent.objects.create(
        approval=row, before=before, after=row.state, actor_id=actor.id, comment=comment,
        actor_label=(actor.name or actor.email)[:254],
        facts={"used_ref": row.used_ref} if row.used_ref else {},
    )  # fmt: skip


def _record(row: Approval, actor: Actor, action: str) -> None:
    trail.record(
        actor, action, object_type="approval", object_id=row.id, sha256=row.query_hash,
        summary={"kinds": row.kinds, "subject": row.subject_type},
    )  # fmt: skip


def found(approval_id: UUID) -> Approval:
    row = Approval.objects.filter(id=approval_id).first()
    if row is None:
        raise NotFound("There is no such approval.")
    return row


def closed(row: Approval) -> Conflict:
    """The 409 of an approval that is not open: who was faster, and what they said."""
    who = ApprovalEvent.objects.filter(approval=row, after=row.state).last()
    name = who.actor_label if who else ""
    by = f" by {name}" if name and row.state not in (ApprovalState.EXPIRED, ApprovalState.WITHDRAWN) else ""
    extra = {"state": row.state, "decided_by": str(row.decided_by) if row.decided_by else None}
    return Conflict(f"This approval is no longer open: it is {row.state}{by}.", code="APPROVAL_CLOSED", extra=extra)


def _binding(row: Approval) -> str:
    parts = [sorted(row.kinds), row.query_hash, row.datasource_id, row.requested_by, row.purpose, row.subject_id]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()
