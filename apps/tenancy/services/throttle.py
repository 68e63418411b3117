"""Throttles of the doors: attempts per account and per address, in Redis; alike for accounts that do not exist.

An attempt is counted before it is made, so that many at once cannot all slip through; a success is taken back.
While Redis is out each process counts for itself, under the same limits.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import structlog

from apps.core.errors import LimitReached
from apps.core.redis import Line, Unreachable
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
    with admitting(kind, account, address):
        pass


@contextmanager
def admitting(kind: str, account: str, address: str) -> Iterator[None]:
    """The same at the end of the block, which Redis does not keep waiting: for a cheap look before a dear one."""
    rule, keys = RULES[kind], _keys(kind, account, address)
    looked = False
    try:
        with _line.meanwhile(_COUNT, [key for key, _ in keys], [rule.seconds]) as answer:
            yield
            looked = True
        flat = answer[0]
        counted = list(zip(flat[0::2], flat[1::2], strict=True))
    except Unreachable:
        if not looked:
            raise
        log.warning("throttle_in_process", kind=kind)
        counted = [_local.add(key, rule.seconds) for key, _ in keys]
    for (_, limit), (count, wait) in zip(keys, counted, strict=True):
        if count > limit:
            raise LimitReached(rule.message, code=rule.code, retry_after=max(1, wait))


_line: Final = Line(timeout=2, connect_timeout=2)
_COUNT: Final = """
-- Counts one attempt under each key. ARGV: window in s. Answers {attempts, seconds they stand}* in the order of KEYS.
local answer = {}
for i = 1, #KEYS do
  local count = redis.call('INCR', KEYS[i])
  if count == 1 then redis.call('EXPIRE', KEYS[i], ARGV[1]) end
  answer[#answer + 1] = count
  answer[#answer + 1] = redis.call('TTL', KEYS[i])
end
return answer
"""


def succeeded(kind: str, account: str, address: str) -> None:
    """Forget the account's failures and take this attempt back from the address, without waiting for it."""
    (account_key, _), (address_key, _) = _keys(kind, account, address)
    lapse = ("EXPIRE", address_key, RULES[kind].seconds, "NX")
    try:
        _line.tell(("DEL", account_key), ("DECR", address_key), lapse)
    except Unreachable:
        log.warning("throttle_in_process", kind=kind)
        _local.forget(account_key)
        _local.take_back(address_key)
