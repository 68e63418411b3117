"""The rolling hour: bytes are reserved before a query and settled after it. Without Redis the ledger decides.

1. `reserve` takes the estimate out of the hour, atomically, by Redis's clock.  2. `reconcile` puts the actual bytes in
its place.  3. `release` gives it back after a failure.  The same id never reserves twice. A window Redis does not know
(after its restart) is first filled from the ledger.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.core import clock
from apps.policies.connectors import counters
from apps.policies.contracts import BudgetState, Reservation
from apps.policies.models import LedgerEntry, LedgerState

WINDOW_SECONDS: Final = 3600
_WINDOW_US: Final = WINDOW_SECONDS * 1_000_000
SUGGESTION: Final = "Narrow the time window, select fewer columns, or sample the table; or wait for the hour to pass."


def reserve(tenant_id: UUID, *, reservation_id: str, size: int, budget: int) -> tuple[BudgetState, Reservation | None]:
    """Hold `size` bytes of the hour, or say why not."""
    try:
        state = _ask(tenant_id, reservation_id, size, budget, hold=True)
    except counters.Unreachable:
        state = _ask_ledger(size, budget)
        return state, Reservation(reservation_id, tenant_id, size, in_redis=False) if state.allowed else None
    return state, Reservation(reservation_id, tenant_id, size) if state.allowed else None


def look(tenant_id: UUID, *, size: int, budget: int) -> BudgetState:
    """Whether `size` bytes would fit now, without holding them."""
    try:
        return _ask(tenant_id, "", size, budget, hold=False)
    except counters.Unreachable:
        return _ask_ledger(size, budget)


def reconcile(reservation: Reservation, actual_bytes: int) -> None:
    """Replace the reserved bytes by the billed ones, in the window; the ledger row is `ledger.settle`'s."""
    _settle(reservation, str(max(0, actual_bytes)))


def release(reservation: Reservation) -> None:
    """Give the reserved bytes back."""
    _settle(reservation, "-1")


def _settle(reservation: Reservation, value: str) -> None:
    try:
        counters.run(counters.SETTLE, _keys(reservation.tenant_id), [reservation.id, value])
    except counters.Unreachable:
        return  # the ledger has it, and fills the window when Redis is back


def _keys(tenant_id: UUID) -> list[str]:
    return [counters.key(tenant_id, "budget", part) for part in ("times", "bytes", "total")]


def _ask(tenant_id: UUID, reservation_id: str, size: int, budget: int, *, hold: bool) -> BudgetState:
    arguments = [_WINDOW_US, budget, reservation_id, size, int(hold)]
    state, used, age = (int(part) for part in counters.run(counters.RESERVE, _keys(tenant_id), arguments))
    if state == 2:
        _seed(tenant_id)
        state, used, age = (int(part) for part in counters.run(counters.RESERVE, _keys(tenant_id), arguments))
    return _state(allowed=state == 1, used=used, budget=budget, wait=WINDOW_SECONDS - age // 1_000_000 + 1)


def _seed(tenant_id: UUID) -> None:
    now = clock.now()
    arguments: list[object] = []
    for entry in _recent().exclude(state=LedgerState.RELEASED):
        age = int((now - entry.created_at).total_seconds() * 1_000_000)
        arguments += [entry.reservation, entry.counted_bytes, max(0, age)]
    counters.run(counters.SEED, _keys(tenant_id), arguments)


def _recent() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(created_at__gte=clock.now() - timedelta(seconds=WINDOW_SECONDS))


def _ask_ledger(size: int, budget: int) -> BudgetState:
    """Postgres decides; the caller inserts its ledger row in the same transaction as this lock."""
    if transaction.get_connection().in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('policies.budget', hashtext(current_schema())))"
            )
    counted = Coalesce(F("actual_bytes"), F("reserved_bytes"))
    used = _recent().exclude(state=LedgerState.RELEASED).aggregate(total=Sum(counted))["total"] or 0
    return _state(allowed=used + size <= budget, used=int(used), budget=budget, wait=60)


def _state(*, allowed: bool, used: int, budget: int, wait: int) -> BudgetState:
    return BudgetState(
        allowed=allowed,
        bytes_used=used,
        bytes_remaining=max(0, budget - used),
        budget=budget,
        suggestion="" if allowed else SUGGESTION,
        retry_after=0 if allowed else max(1, wait),
    )
