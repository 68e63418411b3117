"""Say something on a tenant's topic, from any process: kept for resume, then fanned out to the sockets.

Call it after commit (`transaction.on_commit`). Losing Redis never fails the caller: the state is in the database and
every open page is told to read it again once Redis is back; the loss is counted and logged.
"""

import time
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
import structlog

from apps.core.errors import TooLarge
from apps.realtime import registry
from apps.realtime.connectors import streams
from apps.realtime.engine import frames
from apps.realtime.enums import CloseCode
from apps.realtime.services import metrics

MAX_BODY: Final = 256 * 1024
_RETRY_AFTER: Final = 1.0
log = structlog.get_logger(__name__)


class _Breaker:
    """While Redis is out, one caller a second finds out; the others do not wait for a time-out."""

    def __init__(self) -> None:
        self._closed_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self._closed_until

    def trip(self) -> None:
        self._closed_until = time.monotonic() + _RETRY_AFTER


_breaker = _Breaker()


def encode(message: Mapping[str, Any]) -> bytes:
    """The message as JSON; raises TooLarge over 256 kB."""
    body = orjson.dumps(message, default=str)
    if len(body) > MAX_BODY:
        raise TooLarge("A realtime message is at most 256 kB.")
    return body


def publish(tenant_id: UUID, topic: str, message: Mapping[str, Any]) -> str | None:
    """Publish, and answer the message's id; None when Redis is out."""
    body = encode(message)
    history, keep_seconds = retention(topic)
    if _breaker.is_open():
        metrics.LOST.inc()
        return None
    try:
        return streams.append(streams.Address.of(tenant_id, topic), body, history=history, keep_seconds=keep_seconds)
    except streams.Unreachable:
        _breaker.trip()
        metrics.LOST.inc()
        log.warning("realtime.publish_lost", topic=topic, tenant_id=str(tenant_id))
        return None


async def apublish(to: streams.AsyncStreams, tenant_id: UUID, topic: str, message: Mapping[str, Any]) -> str:
    """The same on a running loop; raises when Redis is out."""
    history, keep_seconds = retention(topic)
    address = streams.Address.of(tenant_id, topic)
    return await to.append(address, encode(message), history=history, keep_seconds=keep_seconds)


def close_sockets(
    tenant_id: UUID, *, actor_id: UUID | None = None, code: CloseCode = CloseCode.UNAUTHORISED, reason: str = "revoked"
) -> None:
    """Close a person's sockets (or all of the tenant's) in every process, now; also a purge's first step."""
    order = {"actor_id": str(actor_id) if actor_id else None, "code": int(code), "reason": reason}
    streams.announce(frames.CONTROL, tenant_id.hex, orjson.dumps(order))


def retention(topic: str) -> tuple[int, int]:
    """How many messages of `topic` are kept, and for how many seconds."""
    matched = registry.match(topic)
    return (matched[0].history, matched[0].keep_seconds) if matched else (1000, 72 * 3600)
