"""Login throttling per account and per address, in Redis; alike for accounts that exist and ones that do not."""

import hashlib

import redis
import structlog

from apps.core.errors import LimitReached
from apps.core.redis import client

log = structlog.get_logger(__name__)
WINDOW_SECONDS = 300
PER_ACCOUNT = 10
PER_ADDRESS = 50


def _keys(email: str, address: str) -> list[tuple[str, int]]:
    account = hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
    return [(f"atom:login:account:{account}", PER_ACCOUNT), (f"atom:login:address:{address}", PER_ADDRESS)]


def check(email: str, address: str) -> None:
    """Raise LimitReached when this account or address has failed too often in the window."""
    try:
        pipe = client().pipeline(transaction=False)
        for key, _ in _keys(email, address):
            pipe.get(key)
            pipe.ttl(key)
        answers = pipe.execute()
    except redis.RedisError:
        log.warning("login_throttle_unavailable")  # Argon2 itself still bounds the rate
        return
    for (_, limit), count, ttl in zip(_keys(email, address), answers[::2], answers[1::2], strict=True):
        if count is not None and int(count) >= limit:
            raise LimitReached("Too many failed logins; wait a little.", code="LOGIN_THROTTLED", retry_after=ttl)


def failed(email: str, address: str) -> None:
    """Count one failure against the account and the address."""
    try:
        pipe = client().pipeline(transaction=True)
        for key, _ in _keys(email, address):
            pipe.set(key, 0, ex=WINDOW_SECONDS, nx=True)
            pipe.incr(key)
        pipe.execute()
    except redis.RedisError:
        log.warning("login_throttle_unavailable")


def succeeded(email: str, address: str) -> None:
    """Forget the account's failures; the address keeps its count."""
    try:
        client().delete(_keys(email, address)[0][0])
    except redis.RedisError:
        log.warning("login_throttle_unavailable")
