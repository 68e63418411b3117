"""Throttles of the doors: attempts per account and per address, in Redis; alike for accounts that do not exist.

An attempt is counted before it is made, so that many at once cannot all slip through; a success is taken back.
"""

import hashlib
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
        pipe = client().pipeline(transaction=True)
        for key, _ in keys:
            pipe.set(key, 0, ex=rule.seconds, nx=True)
            pipe.incr(key)
            pipe.ttl(key)
        answers = pipe.execute()
    except redis.RedisError:
        log.warning("throttle_unavailable", kind=kind)  # Argon2 itself still bounds the rate of logins
        return
    for (_, limit), count, ttl in zip(keys, answers[1::3], answers[2::3], strict=True):
        if int(count) > limit:
            raise LimitReached(rule.message, code=rule.code, retry_after=max(1, int(ttl)))


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
        log.warning("throttle_unavailable", kind=kind)
