"""Rates and concurrency per member and tenant. One round trip to Redis a request; in the process while it is out."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import LimitReached
from apps.core.ids import new_id
from apps.policies.connectors import counters
from apps.policies.services import settings

PERIOD: Final = 60
_GRACE_MS: Final = 30_000
"""A slot is a lease: the statement's time limit and this much more, so that a killed process frees it soon."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What the door answers with: RateLimit headers (the tighter of the limits), and whether Redis was out."""

    limit: int
    remaining: int
    reset: int
    degraded: bool = False

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


def admit(actor: Actor, *, prompts: bool = False) -> Admission:
    """Count one request of `actor`; raises LimitReached (429) with Retry-After. The tenant must be entered."""
    if actor.tenant is None:
        return Admission(0, 0, 0)
    policy = settings.current(actor.tenant)
    caller = str(actor.id or actor.name)
    limits = {f"user:{caller}": policy.requests_per_minute_user, "tenant": policy.requests_per_minute_tenant}
    if prompts:
        limits[f"prompts:{caller}"] = policy.prompts_per_minute
    try:
        return _admit(actor.tenant.id, limits)
    except counters.Unreachable:
        return _admit_here(actor.tenant.id, limits)


def _admit(tenant_id: UUID, limits: dict[str, int]) -> Admission:
    keys = [counters.key(tenant_id, "rate", name) for name in limits]
    full, reset, *pairs = (int(part) for part in counters.run(counters.ADMIT, keys, [PERIOD, *limits.values()]))
    if full:
        raise _too_many(list(limits)[full - 1], list(limits.values())[full - 1], wait=pairs[(full - 1) * 2 + 1])
    left = pairs[0::2]
    tightest = min(range(len(left)), key=lambda index: left[index])
    return Admission(list(limits.values())[tightest], left[tightest], reset)


def _admit_here(tenant_id: UUID, limits: dict[str, int]) -> Admission:
    reset = PERIOD - int(time.time() % PERIOD)
    left = []
    for name, limit in limits.items():
        count = _local.add(f"{tenant_id}:{name}")
        if count > limit:
            raise _too_many(name, limit, wait=reset)
        left.append((limit - count, limit))
    remaining, limit = min(left)
    return Admission(limit, remaining, reset, degraded=True)


def _too_many(name: str, limit: int, *, wait: int) -> LimitReached:
    whose = "this tenant" if name == "tenant" else "you"
    headers = {"RateLimit-Limit": str(limit), "RateLimit-Remaining": "0", "RateLimit-Reset": str(wait)}
    return LimitReached(
        f"More than {limit} requests a minute by {whose}.",
        retry_after=wait,
        next_steps=[f"Try again in {wait} s."],
        headers=headers,
    )


@contextmanager
def execution_slot(tenant_id: UUID) -> Iterator[None]:
    """Hold one of the tenant's concurrent executions; raises LimitReached when all are taken.

    One round trip: giving back waits for no answer. While Redis is out each process keeps the cap for itself.
    """
    policy = settings.current()
    limit, lease_ms = policy.concurrent_executions, policy.limits.timeout_ms + _GRACE_MS
    name, member = counters.key(tenant_id, "slots"), str(new_id())
    is_local = False
    try:
        taken = int(counters.run(counters.TAKE_SLOT, [name], [member, limit, lease_ms * 1000])[0])
    except counters.Unreachable:
        taken, is_local = int(_local.take(name, limit)), True
    if not taken:
        raise LimitReached(
            f"{limit} statements of this tenant are running already.",
            retry_after=1,
            next_steps=["Wait for one to end."],
        )
    try:
        yield
    finally:
        if is_local:
            _local.give_back(name)
        else:
            _give_back(name, member)


def _give_back(name: str, member: str) -> None:
    try:
        counters.remove(name, member)
    except counters.Unreachable:
        return  # the lease ends by itself
