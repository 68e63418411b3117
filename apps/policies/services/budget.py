"""The rolling hour: bytes are held before a query and settled after it. Without Redis the ledger decides.

1. `hold` takes the estimate out of the hour by Redis's clock and books it in the ledger, in one transaction.
2. `reconcile` puts the actual bytes in its place.  3. `release` gives it back.  The same id never holds twice.

Redis may forget (restart, eviction) or miss what was booked while it was out. Each caller therefore shares a lock of
the tenant's ledger from before it asks Redis until its row is committed. Who has to fill the window from the ledger, or
to decide by the ledger, takes that lock alone, and so sees every byte that anybody holds: no overshoot either way.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.audit.services import trail
from apps.core import clock
from apps.policies.connectors import counters
from apps.policies.contracts import BudgetState, Reservation
from apps.policies.models import LedgerEntry, LedgerState

WINDOW_SECONDS: Final = 3600
SUGGESTION: Final = "Narrow the time window, select fewer columns, or sample the table; or wait for the hour to pass."
_WINDOW_US: Final = WINDOW_SECONDS * 1_000_000
_BATCH: Final = 100
_TRIES: Final = 5
_KEY: Final = "hashtextextended('policies.budget', hashtext(current_schema()))"
# Two statements in one message: the second sees what the holder of the lock alone has committed.
_SHARE: Final = (
    f"SELECT pg_advisory_xact_lock_shared({_KEY});"  # noqa: S608 - a constant of ours
    "SELECT EXISTS (SELECT 1 FROM cost_ledger WHERE NOT in_redis AND created_at > now() - interval '1 hour')"
)
_ALONE: Final = f"SELECT pg_advisory_xact_lock({_KEY})"
Booked = TypeVar("Booked")


class _RedisOutError(Exception):
    """Redis does not answer."""


class _WindowUnknownError(Exception):
    """Redis does not hold what the ledger says."""


def hold(
    tenant_id: UUID, *, reservation_id: str, size: int, budget: int, book: Callable[[Reservation], Booked]
) -> tuple[BudgetState, Booked | None]:
    """Hold `size` bytes of the hour and `book` them in the same transaction, or say why not.

    `book` writes the ledger's row; when it raises, nothing is held.
    """
    for _ in range(_TRIES):
        try:
            return _by_redis(tenant_id, reservation_id, size, budget, book)
        except _WindowUnknownError:
            fill(tenant_id)
        except _RedisOutError:
            break
    return _by_ledger(tenant_id, reservation_id, size, budget, book)


def reserve(tenant_id: UUID, *, reservation_id: str, size: int, budget: int) -> BudgetState:
    """The step of `hold` that Redis does, without a row in the ledger: for the self-check and benchmarks."""
    return _ask(tenant_id, reservation_id, size, budget, hold=True)[0]


def look(tenant_id: UUID, *, size: int, budget: int) -> BudgetState:
    """Whether `size` bytes would fit now, without holding them."""
    try:
        try:
            return _ask(tenant_id, "", size, budget, hold=False)[0]
        except _WindowUnknownError:
            fill(tenant_id)
            return _ask(tenant_id, "", size, budget, hold=False)[0]
    except (_RedisOutError, _WindowUnknownError):
        return _sum_up(size, budget)


def reconcile(reservation: Reservation, actual_bytes: int) -> None:
    """Replace the held bytes by the billed ones, in the window; the ledger's row is `ledger.settle`'s."""
    _settle(reservation, str(max(0, actual_bytes)))


def release(reservation: Reservation) -> None:
    """Give the held bytes back."""
    _settle(reservation, "-1")


def fill(tenant_id: UUID) -> None:
    """Make the window in Redis what the ledger says, unless another caller just did. Nobody books meanwhile."""
    with trail.unit_of_work():
        _run(_ALONE)
        if _is_filled(tenant_id):
            return
        now = clock.now()
        arguments: list[object] = [_WINDOW_US]
        for entry in _counting():
            age = int((now - entry.created_at).total_seconds() * 1_000_000)
            arguments += [entry.reservation, entry.counted_bytes, max(0, age)]
        try:
            counters.run(counters.SEED, keys(tenant_id), arguments)
        except counters.Unreachable:
            return
        LedgerEntry.objects.filter(in_redis=False).update(in_redis=True)


def _is_filled(tenant_id: UUID) -> bool:
    try:
        _ask(tenant_id, "", 0, 0, hold=False)
    except (_WindowUnknownError, _RedisOutError):
        return False
    return not LedgerEntry.objects.filter(in_redis=False).exists()


def orphans(tenant_id: UUID, *, older_than_s: int, at_most: int = 10_000) -> list[Reservation]:
    """What the window holds that no ledger row knows: its process died before it could book. None with Redis out."""
    try:
        found = counters.run(counters.OLDER, keys(tenant_id)[:1], [older_than_s * 1_000_000, at_most])
    except counters.Unreachable:
        return []
    ids = {item.decode() if isinstance(item, bytes) else str(item) for item in found}
    known = set(LedgerEntry.objects.filter(reservation__in=ids).values_list("reservation", flat=True))
    return [Reservation(name, tenant_id, 0) for name in sorted(ids - known)]


def keys(tenant_id: UUID) -> list[str]:
    """The keys of a tenant's window: times, bytes with the running total."""
    return [counters.key(tenant_id, "budget", part) for part in ("times", "bytes")]


def _by_redis(
    tenant_id: UUID, reservation_id: str, size: int, budget: int, book: Callable[[Reservation], Booked]
) -> tuple[BudgetState, Booked | None]:
    with trail.unit_of_work():
        if _run(_SHARE, answers=True):
            raise _WindowUnknownError
        state, is_new = _ask(tenant_id, reservation_id, size, budget, hold=True)
        if not state.allowed:
            return state, None
        reservation = Reservation(reservation_id, tenant_id, size)
        try:
            return state, book(reservation)
        except BaseException:
            if is_new:
                release(reservation)
            raise


def _by_ledger(
    tenant_id: UUID, reservation_id: str, size: int, budget: int, book: Callable[[Reservation], Booked]
) -> tuple[BudgetState, Booked | None]:
    with trail.unit_of_work():
        _run(_ALONE)
        held = _counting().filter(reservation=reservation_id).exists()
        state = _sum_up(0 if held else size, budget)
        if not state.allowed:
            return state, None
        return state, book(Reservation(reservation_id, tenant_id, size, in_redis=False))


def _ask(tenant_id: UUID, reservation_id: str, size: int, budget: int, *, hold: bool) -> tuple[BudgetState, bool]:
    """The window's answer, and whether this very call took the bytes."""
    arguments = [_WINDOW_US, budget, reservation_id, size, int(hold), _BATCH]
    state = 3
    while state == 3:  # each call lets a batch of old entries go, so that none is long
        try:
            state, used, age = (int(part) for part in counters.run(counters.RESERVE, keys(tenant_id), arguments))
        except counters.Unreachable:
            raise _RedisOutError from None
    if state == 2:
        raise _WindowUnknownError
    wait = WINDOW_SECONDS - age // 1_000_000 + 1
    return _state(allowed=state in (1, 4), used=used, budget=budget, wait=wait), state == 1


def _settle(reservation: Reservation, value: str) -> None:
    try:
        counters.run(counters.SETTLE, keys(reservation.tenant_id), [reservation.id, value])
    except counters.Unreachable:
        return  # the ledger has it, and fills the window when Redis is back


def _counting() -> QuerySet[LedgerEntry]:
    """What counts in the hour: until it is strictly older than the window."""
    since = clock.now() - timedelta(seconds=WINDOW_SECONDS)
    return LedgerEntry.objects.filter(created_at__gte=since).exclude(state=LedgerState.RELEASED)


def _sum_up(size: int, budget: int) -> BudgetState:
    used = _counting().aggregate(total=Sum(Coalesce(F("actual_bytes"), F("reserved_bytes"))))["total"] or 0
    return _state(allowed=used + size <= budget, used=int(used), budget=budget, wait=60)


def _run(statement: str, *, answers: bool = False) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        if not answers:
            return False
        cursor.nextset()
        return bool(cursor.fetchone()[0])


def _state(*, allowed: bool, used: int, budget: int, wait: int) -> BudgetState:
    return BudgetState(
        allowed=allowed,
        bytes_used=used,
        bytes_remaining=max(0, budget - used),
        budget=budget,
        suggestion="" if allowed else SUGGESTION,
        retry_after=0 if allowed else max(1, wait),
    )
