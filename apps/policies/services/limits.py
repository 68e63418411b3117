"""Rates and concurrency per member and tenant. One round trip to Redis a request; in the process while it is out.

A door that runs a statement takes the slot for it in that same round trip and lends it to the execution.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import LimitReached
from apps.core.ids import new_id
from apps.policies.connectors import counters
from apps.policies.services import settings
from apps.policies.services.settings import Policy

PERIOD: Final = 60
_GRACE_MS: Final = 30_000
"""A slot is a lease: the statement's time limit and this much more, so that a killed process frees it soon."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One of a tenant's concurrent executions, as a lease in Redis, or held in this process while Redis is out."""

    tenant_id: UUID
    name: str
    member: str
    is_local: bool = False

    def give_back(self) -> None:
        """Free it; waits for no answer."""
        if self.is_local:
            _local.give_back(self.name)
            return
        try:
            counters.remove(self.name, self.member)
        except counters.Unreachable:
            return  # the lease ends by itself


@dataclass(frozen=True, slots=True)
class Admission:
    """What the door answers with: RateLimit headers (the tighter of the limits), and whether Redis was out."""

    limit: int
    remaining: int
    reset: int
    degraded: bool = False
    slot: Slot | None = None

    def headers(self) -> dict[str, str]:
        """RateLimit-Limit, -Remaining, -Reset."""
        shown = {"RateLimit-Limit": self.limit, "RateLimit-Remaining": self.remaining, "RateLimit-Reset": self.reset}
        return {name: str(value) for name, value in shown.items()} | (
            {"RateLimit-Policy": "in-process"} if self.degraded else {}
        )


class _Local:
    """Fixed windows and slots (window -1) in this process, for while Redis is out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, int], int] = {}

    def add(self, key: str) -> int:
        slot = int(time.time() // PERIOD)
        with self._lock:
            self._counts = {each: count for each, count in self._counts.items() if each[1] in (slot, -1)}
            self._counts[(key, slot)] = self._counts.get((key, slot), 0) + 1
            return self._counts[(key, slot)]

    def take(self, key: str, limit: int) -> bool:
        with self._lock:
            held = self._counts.get((key, -1), 0)
            if held >= limit:
                return False
            self._counts[(key, -1)] = held + 1
            return True

    def give_back(self, key: str) -> None:
        with self._lock:
            self._counts[(key, -1)] -= 1


_local = _Local()
_lent: ContextVar[Slot | None] = ContextVar("lent_slot", default=None)


def admit(actor: Actor, *, prompts: bool = False, executes: bool = False) -> Admission:
    """Count one request of `actor`; raises LimitReached (429) with Retry-After. The tenant must be entered.

    `executes`: the admission holds one of the tenant's concurrent executions too; see `lend`.
    """
    if actor.tenant is None:
        return Admission(0, 0, 0)
    policy = settings.current(actor.tenant)
    caller = str(actor.id or actor.name)
    limits = {f"user:{caller}": policy.requests_per_minute_user, "tenant": policy.requests_per_minute_tenant}
    if prompts:
        limits[f"prompts:{caller}"] = policy.prompts_per_minute
    slot = _new_slot(actor.tenant.id) if executes else None
    try:
        return _admit(actor.tenant.id, limits, policy, slot)
    except counters.Unreachable:
        return _admit_here(actor.tenant.id, limits, policy, slot)


def _new_slot(tenant_id: UUID) -> Slot:
    return Slot(tenant_id, counters.key(tenant_id, "slots"), str(new_id()))


def _terms(slot: Slot, policy: Policy) -> list[str | int]:
    return [slot.member, policy.concurrent_executions, (policy.limits.timeout_ms + _GRACE_MS) * 1000]


def _admit(tenant_id: UUID, limits: dict[str, int], policy: Policy, slot: Slot | None) -> Admission:
    keys = [counters.key(tenant_id, "rate", name) for name in limits]
    arguments: list[str | int] = [PERIOD, *limits.values()]
    if slot is not None:
        keys.append(slot.name)
        arguments += _terms(slot, policy)
    full, reset, *answer = (int(part) for part in counters.run(counters.ADMIT, keys, arguments))
    if full:
        raise _too_many(list(limits)[full - 1], list(limits.values())[full - 1], wait=answer[(full - 1) * 2 + 1])
    left = answer[0 : 2 * len(limits) : 2]
    tightest = min(range(len(left)), key=lambda index: left[index])
    admission = Admission(list(limits.values())[tightest], left[tightest], reset, slot=slot)
    if slot is not None and not answer[-1]:
        raise _all_busy(policy, admission.headers())
    return admission


def _admit_here(tenant_id: UUID, limits: dict[str, int], policy: Policy, slot: Slot | None) -> Admission:
    reset = PERIOD - int(time.time() % PERIOD)
    left = []
    for name, limit in limits.items():
        count = _local.add(f"{tenant_id}:{name}")
        if count > limit:
            raise _too_many(name, limit, wait=reset)
        left.append((limit - count, limit))
    remaining, limit = min(left)
    held = _take_here(slot, policy) if slot is not None else None
    return Admission(limit, remaining, reset, degraded=True, slot=held)


def _too_many(name: str, limit: int, *, wait: int) -> LimitReached:
    whose = "this tenant" if name == "tenant" else "you"
    headers = {"RateLimit-Limit": str(limit), "RateLimit-Remaining": "0", "RateLimit-Reset": str(wait)}
    return LimitReached(
        f"More than {limit} requests a minute by {whose}.",
        retry_after=wait,
        next_steps=[f"Try again in {wait} s."],
        headers=headers,
    )


def _all_busy(policy: Policy, headers: dict[str, str] | None = None) -> LimitReached:
    return LimitReached(
        f"{policy.concurrent_executions} statements of this tenant are running already.",
        retry_after=1,
        next_steps=["Wait for one to end."],
        headers=headers,
    )


def lend(slot: Slot) -> None:
    """Let the next execution of this context run in `slot`, which gives it back; `reclaim` what it has not taken."""
    _lent.set(slot)


def reclaim() -> None:
    """Give back the slot that was lent to this context and that nothing ran in."""
    slot = _lent.get()
    if slot is not None:
        _lent.set(None)
        slot.give_back()


@contextmanager
def execution_slot(tenant_id: UUID) -> Iterator[None]:
    """Hold one of the tenant's concurrent executions; raises LimitReached when all are taken.

    One round trip, none where the door has lent a slot: giving back waits for no answer. While Redis is out each
    process keeps the cap for itself.
    """
    slot = _lent.get()
    if slot is not None and slot.tenant_id == tenant_id:
        _lent.set(None)
    else:
        slot = _take(tenant_id)
    try:
        yield
    finally:
        slot.give_back()


def _take(tenant_id: UUID) -> Slot:
    policy, slot = settings.current(), _new_slot(tenant_id)
    try:
        taken = int(counters.run(counters.TAKE_SLOT, [slot.name], _terms(slot, policy))[0])
    except counters.Unreachable:
        return _take_here(slot, policy)
    if not taken:
        raise _all_busy(policy)
    return slot


def _take_here(slot: Slot, policy: Policy) -> Slot:
    if not _local.take(slot.name, policy.concurrent_executions):
        raise _all_busy(policy)
    return replace(slot, is_local=True)
