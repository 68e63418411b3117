"""The stored rows behind cost: an estimate per decision, an entry per execution; and what became of lost ones."""

import time
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.db import prepared
from apps.core.errors import Conflict, NotFound
from apps.core.ids import new_id
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.policies.contracts import Estimate, ExecutionRequest, Permit, Reservation, TargetKind
from apps.policies.models import LedgerEntry, LedgerState
from apps.policies.services import budget, settings
from apps.realtime.services.publisher import publish
from apps.tenancy.services import wakeups

WAKEUP: Final = "policies.ledger"
GRACE: Final = timedelta(seconds=120)
"""What an execution may take beside its own time limit before its process counts as gone."""
_MARGIN_S: Final = 60
_BATCH: Final = 500
# A stand-in's job dies with its process and bills nothing; a warehouse's runs on.
_DIES_WITH_ITS_PROCESS: Final = frozenset({TargetKind.SANDBOX.value, TargetKind.STUDIO_PROJECT.value})
_watched: dict[UUID, float] = {}


def store_estimate(
    request: ExecutionRequest, estimate: Estimate, *, query_hash: str, decision: str, policy_version: str
) -> UUID:
    """Insert the estimate row that a decision names."""
    estimate_id = new_id()
    values = {
        "id": estimate_id,
        "now": clock.now(),
        "hash": query_hash,
        "datasource": request.datasource_id,
        "actor": request.actor.id,
        "purpose": request.purpose.value,
        "bytes": estimate.bytes,
        "usd": estimate.usd,
        "rows": estimate.rows,
        "accuracy": estimate.accuracy.value,
        "decision": decision,
        "version": policy_version,
    }
    prepared.fetch_one(_ESTIMATE, values)
    return estimate_id


_ESTIMATE: Final = """
INSERT INTO cost_estimates (id, created_at, updated_at, query_hash, datasource_id, actor_id, purpose, bytes, usd, rows,
       accuracy, decision, policy_version)
VALUES (%(id)s, %(now)s, %(now)s, %(hash)s, %(datasource)s, %(actor)s, %(purpose)s, %(bytes)s, %(usd)s, %(rows)s,
        %(accuracy)s, %(decision)s, %(version)s)
RETURNING id
"""


def open_entry(request: ExecutionRequest, reservation: Reservation, *, estimate_id: UUID, query_hash: str) -> None:
    """Insert the execution's row before it runs; the same reservation never makes two.

    A retry of one that was released is open again; of one that was settled, adds to it.
    """
    prepared.fetch_one(
        _OPEN,
        {
            "id": new_id(),
            "now": clock.now(),
            "estimate": estimate_id,
            "reservation": reservation.id,
            "datasource": request.datasource_id,
            "actor": request.actor.id,
            "artifact": request.artifact_ref or "",
            "hash": query_hash,
            "bytes": reservation.bytes,
            "target": request.target.value,
            "approval": request.approval_id,
            "in_redis": reservation.in_redis,
        },
    )


_OPEN: Final = """
INSERT INTO cost_ledger AS kept
       (id, created_at, updated_at, estimate_id, reservation, datasource_id, actor_id, artifact_ref, query_hash,
        reserved_bytes, usd, state, target, approval_id, cache_hit, in_redis)
VALUES (%(id)s, %(now)s, %(now)s, %(estimate)s, %(reservation)s, %(datasource)s, %(actor)s, %(artifact)s, %(hash)s,
        %(bytes)s, 0, 'reserved', %(target)s, %(approval)s, false, %(in_redis)s)
    ON CONFLICT (reservation) DO UPDATE
   SET state = 'reserved', created_at = excluded.created_at, estimate_id = excluded.estimate_id,
       in_redis = excluded.in_redis, reserved_bytes = excluded.reserved_bytes
 WHERE kept.state = 'released'
RETURNING id
"""


def settle(permit: Permit, *, actual_bytes: int, duration_ms: int, cache_hit: bool = False) -> None:
    """After a run: the billed bytes replace the estimate in the ledger, and after commit in the hour."""
    if permit.reservation is None:
        return
    reservation, usd = permit.reservation, settings.current().limits.usd(actual_bytes)
    changed = prepared.fetch_one(_SETTLE, [actual_bytes, usd, duration_ms, cache_hit, reservation.id])
    total = actual_bytes
    if not changed:  # a retry under the same key ran again: what it billed comes on top
        rows = LedgerEntry.objects.filter(reservation=reservation.id)
        rows.update(actual_bytes=F("actual_bytes") + actual_bytes, usd=F("usd") + usd)
        total = rows.values_list("actual_bytes", flat=True).first() or 0
    transaction.on_commit(lambda: budget.reconcile(reservation, total))


_SETTLE: Final = """
UPDATE cost_ledger SET actual_bytes = %s, usd = %s, duration_ms = %s, state = 'settled', cache_hit = %s
 WHERE reservation = %s AND state IN ('reserved', 'lost') RETURNING id
"""


def release(permit: Permit) -> None:
    """After a failure: nothing was billed."""
    if permit.reservation is None:
        return
    reservation = permit.reservation
    LedgerEntry.objects.filter(
        reservation=reservation.id, state__in=[LedgerState.RESERVED, LedgerState.LOST]
    ).update(state=LedgerState.RELEASED)  # fmt: skip
    transaction.on_commit(lambda: budget.release(reservation))


def release_lost(actor: Actor, entry_id: UUID) -> LedgerEntry:
    """A person says that a lost execution billed nothing: its bytes go back to the hour. Audited."""
    actor.require(Scope.SETTINGS_MANAGE)
    tenant = tenant_context.require()
    with trail.unit_of_work():
        row = LedgerEntry.objects.filter(id=entry_id).first()
        if row is None:
            raise NotFound("There is no such entry.")
        lost = LedgerEntry.objects.filter(id=entry_id, state=LedgerState.LOST)
        if not lost.update(state=LedgerState.RELEASED):
            raise Conflict(f"This entry is {row.state}, not lost.", code="NOT_LOST")
        row.state = LedgerState.RELEASED
        trail.record(
            actor, "cost.released", object_type="cost_ledger", object_id=row.id, sha256=row.query_hash,
            summary={"bytes": row.reserved_bytes},
        )  # fmt: skip
        transaction.on_commit(lambda: budget.release(Reservation(row.reservation, tenant.id, row.reserved_bytes)))
    return row


def watch() -> None:
    """Make sure that somebody looks after what is reserved now. Remembered in the process: nearly always no query.

    Committed before anything is held, so that a process killed at any later point is found out.
    """
    tenant, now = tenant_context.require(), time.monotonic()
    if _watched.get(tenant.id, 0.0) - now > _MARGIN_S:
        return
    lease = _lease()
    wakeups.schedule(WAKEUP, clock.now() + lease, "")
    _watched[tenant.id] = now + lease.total_seconds()


def forget() -> None:
    """Drop what this process remembers."""
    _watched.clear()


def sweep(_ref: str, tenant: TenantRef) -> None:
    """Handler of the wake-up `policies.ledger`: finds executions whose process died; comes again while any is open."""
    lease = _lease()
    dead = LedgerEntry.objects.filter(state=LedgerState.RESERVED, created_at__lt=clock.now() - lease)
    for entry in dead.order_by("created_at")[:_BATCH]:
        _bury(entry, tenant)
    for orphan in budget.orphans(tenant.id, older_than_s=int(lease.total_seconds())):
        budget.release(orphan)
    if LedgerEntry.objects.filter(state=LedgerState.RESERVED).exists():
        wakeups.schedule(WAKEUP, clock.now() + lease, "")


def _bury(entry: LedgerEntry, tenant: TenantRef) -> None:
    """Released where its job died with it; else lost: it counts at its estimate, and people are told."""
    gone = entry.target in _DIES_WITH_ITS_PROCESS
    state = LedgerState.RELEASED if gone else LedgerState.LOST
    with trail.unit_of_work():
        if not LedgerEntry.objects.filter(id=entry.id, state=LedgerState.RESERVED).update(state=state):
            return
        trail.record(
            Actor.system(tenant), f"cost.{state}", object_type="cost_ledger", object_id=entry.id,
            outcome="failed", sha256=entry.query_hash, summary={"bytes": entry.reserved_bytes, "why": "process died"},
        )  # fmt: skip
        reservation = Reservation(entry.reservation, tenant.id, entry.reserved_bytes)
        if gone:
            transaction.on_commit(lambda: budget.release(reservation))
        else:
            transaction.on_commit(lambda: _tell(tenant))


def _tell(tenant: TenantRef) -> None:
    message = {
        "kind": "cost.lost", "level": "warning", "at": clock.now().isoformat(),
        "title": "A query's process died: nobody knows what it billed. It counts at its estimate.",
        "url": f"/t/{tenant.slug}/operations/costs/?state=lost",
    }  # fmt: skip
    publish(tenant.id, "notifications", message)


def _lease() -> timedelta:
    return timedelta(milliseconds=settings.current().limits.timeout_ms) + GRACE
