"""The stored rows behind cost: an estimate per decision, an entry per execution."""

from uuid import UUID

from apps.core.ids import new_id
from apps.policies.contracts import Estimate, ExecutionRequest, Permit, Reservation
from apps.policies.models import CostEstimate, LedgerEntry, LedgerState
from apps.policies.services import budget, settings


def store_estimate(
    request: ExecutionRequest, estimate: Estimate, *, query_hash: str, decision: str, policy_version: str
) -> UUID:
    """Insert the estimate row that a decision names."""
    row = CostEstimate(
        id=new_id(),
        query_hash=query_hash,
        datasource_id=request.datasource_id,
        actor_id=request.actor.id,
        purpose=request.purpose,
        bytes=estimate.bytes,
        usd=estimate.usd,
        rows=estimate.rows,
        accuracy=estimate.accuracy,
        decision=decision,
        policy_version=policy_version,
    )
    row.save(force_insert=True)
    return row.id


def open_entry(request: ExecutionRequest, reservation: Reservation, *, estimate_id: UUID, query_hash: str) -> None:
    """Insert the execution's row before it runs; the same reservation never makes two."""
    LedgerEntry.objects.get_or_create(
        reservation=reservation.id,
        defaults={
            "estimate_id": estimate_id,
            "datasource_id": request.datasource_id,
            "actor_id": request.actor.id,
            "artifact_ref": request.artifact_ref or "",
            "query_hash": query_hash,
            "reserved_bytes": reservation.bytes,
        },
    )


def settle(permit: Permit, *, actual_bytes: int, duration_ms: int) -> None:
    """After a run: the billed bytes replace the estimate in the hour and in the ledger."""
    if permit.reservation is None:
        return
    budget.reconcile(permit.reservation, actual_bytes)
    usd = settings.current().limits.usd(actual_bytes)
    LedgerEntry.objects.filter(reservation=permit.reservation.id, state=LedgerState.RESERVED).update(
        actual_bytes=actual_bytes, usd=usd, duration_ms=duration_ms, state=LedgerState.SETTLED
    )


def release(permit: Permit) -> None:
    """After a failure: nothing was billed."""
    if permit.reservation is None:
        return
    budget.release(permit.reservation)
    LedgerEntry.objects.filter(reservation=permit.reservation.id, state=LedgerState.RESERVED).update(
        state=LedgerState.RELEASED
    )
