"""Throttles of the doors: attempts per account and per address, in Redis; alike for accounts that do not exist.

An attempt is counted before it is made, so that many at once cannot all slip through; a success is taken back.
While Redis is out each process counts for itself, under the same limits.
"""

import hashlib
import threading
import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import redis
import structlog

from apps.core.errors import LimitReached
from apps.core.redis import client
from apps.tenancy.engine import devices

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """So many attempts in a window."""

    seconds: int
    per_account: int
    per_address: int
    code: str
    message: str


RULES: Final = MappingProxyType(
    {
        "login": Rule(300, 10, 50, "LOGIN_THROTTLED", "Too many failed logins; wait a little."),
        "reset": Rule(3600, 5, 40, "RESET_THROTTLED", "Too many requests for a new password; wait a little."),
        "link": Rule(300, 30, 60, "LINK_THROTTLED", "Too many attempts; wait a little."),
        "invite": Rule(3600, 10, 200, "INVITE_THROTTLED", "Too many invitations to this address; wait a little."),
    }
)


class _Local:
    """Counts in this process, for while Redis is out; what its window has left behind is forgotten when it grows."""

    MOST: Final = 10_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}

    def add(self, key: str, seconds: int) -> tuple[int, int]:
        """Count one attempt; answers how many there are now, and in how many seconds they are forgotten."""
        now = time.monotonic()
        with self._lock:
            if len(self._counts) >= self.MOST:
                self._counts = {each: kept for each, kept in self._counts.items() if kept[1] > now}
            count, ends = self._counts.get(key, (0, 0.0))
            count, ends = (count + 1, ends) if ends > now else (1, now + seconds)
            self._counts[key] = (count, ends)
            return count, int(ends - now)

    def take_back(self, key: str) -> None:
        """One attempt less."""
        with self._lock:
            count, ends = self._counts.get(key, (0, 0.0))
            self._counts[key] = (max(0, count - 1), ends)

    def forget(self, key: str) -> None:
        """None at all."""
        with self._lock:
            self._counts.pop(key, None)


_local = _Local()


def _keys(kind: str, account: str, address: str) -> list[tuple[str, int]]:
    rule = RULES[kind]
    name = hashlib.sha256(account.strip().lower().encode()).hexdigest()[:32]
    return [
        (f"atom:{kind}:account:{name}", rule.per_account),
        (f"atom:{kind}:address:{devices.throttled_as(address)}", rule.per_address),
    ]


def admit(kind: str, account: str, address: str) -> None:
    """Count one attempt; raises LimitReached when this account or address has made too many in the window."""
    rule, keys = RULES[kind], _keys(kind, account, address)
    try:
        counted = _count(rule, keys)
    except redis.RedisError:
        log.warning("throttle_in_process", kind=kind)
        counted = [_local.add(key, rule.seconds) for key, _ in keys]
    for (_, limit), (count, wait) in zip(keys, counted, strict=True):
        if count > limit:
            raise LimitReached(rule.message, code=rule.code, retry_after=max(1, wait))


def _count(rule: Rule, keys: list[tuple[str, int]]) -> list[tuple[int, int]]:
    """Count one attempt in Redis; how many there are per key, and for how many seconds they stand."""
    pipe = client().pipeline(transaction=True)
    for key, _ in keys:
        pipe.set(key, 0, ex=rule.seconds, nx=True)
        pipe.incr(key)
        pipe.ttl(key)
    answers = pipe.execute()
    return [(int(count), int(ttl)) for count, ttl in zip(answers[1::3], answers[2::3], strict=True)]


def succeeded(kind: str, account: str, address: str) -> None:
    """Forget the account's failures and take this attempt back from the address."""
    (account_key, _), (address_key, _) = _keys(kind, account, address)
    try:
        pipe = client().pipeline(transaction=False)
        pipe.delete(account_key)
        pipe.decr(address_key)
        pipe.expire(address_key, RULES[kind].seconds, nx=True)
        pipe.execute()
    except redis.RedisError:
        log.warning("throttle_in_process", kind=kind)
        _local.forget(account_key)
        _local.take_back(address_key)
