"""The socket's door: handshake, proof of identity, then one command after another until either side closes.

A plain ASGI application: no channel layer, no database call on the loop.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import DatabaseError

from apps.core.permissions import Scope
from apps.realtime.connectors import streams
from apps.realtime.contracts import Proof, SessionProof, SocketIdentity, TokenProof
from apps.realtime.engine import protocol
from apps.realtime.enums import CloseCode, ErrorCode
from apps.realtime.services import commands, duties, identities, running
from apps.realtime.services.connections import MAX_QUEUED, Connection, Event, Send

log = structlog.get_logger(__name__)
Receive = Callable[[], Awaitable[Event]]
FIRST_MESSAGE_SECONDS: Final = 10.0
MAX_INBOUND: Final = 128 * 1024
SOCKETS_PER_TENANT: Final = 500
SOCKETS_PER_PERSON: Final = 50
_ADMITTED_FOR: Final = 60
_WARNINGS: Final = 20


class Closed(Exception):
    """The server closes before the socket joined the hub."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


async def by_token(receive: Receive, send: Send) -> None:
    """`/ws/realtime`: for programs; the first message carries the token."""
    await _open(receive, send)
    try:
        proof = TokenProof(await _first_token(receive))
        await _converse(proof, receive, send)
    except Closed as closed:
        await _close(send, closed)


async def by_session(scope: dict[str, Any], receive: Receive, send: Send, *, slug: str) -> None:
    """`/t/<slug>/ws/realtime`: for pages; the session cookie proves, and only our own origin may open it."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if not _is_own_origin(headers, scope.get("scheme", "ws")):
        await receive()
        await send({"type": "websocket.close", "code": int(CloseCode.FORBIDDEN), "reason": "foreign origin"})
        return
    await _open(receive, send)
    try:
        await _converse(SessionProof(_session_key(headers), slug), receive, send)
    except Closed as closed:
        await _close(send, closed)


async def _open(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})


async def _close(send: Send, closed: Closed) -> None:
    with contextlib.suppress(OSError, RuntimeError):  # the peer may be gone already
        await send({"type": "websocket.close", "code": int(closed.code), "reason": closed.reason})


def _is_own_origin(headers: dict[str, str], scheme: str) -> bool:
    """Whether the page that opens the socket was served by us: the Origin is our host, or a trusted one."""
    origin = headers.get("origin", "")
    if not origin:
        return False
    expected = "https" if scheme == "wss" else "http"
    parts = urlsplit(origin)
    same = parts.netloc.lower() == headers.get("host", "").lower() and parts.scheme in (expected, "https")
    return same or origin in settings.CSRF_TRUSTED_ORIGINS


def _session_key(headers: dict[str, str]) -> str:
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


async def _text(receive: Receive) -> str | bytes | None:
    """The next message; None when the other side has gone."""
    event = await receive()
    if event["type"] == "websocket.disconnect":
        return None
    text: str | bytes = event.get("text") or event.get("bytes") or ""
    return text


async def _first_token(receive: Receive) -> str:
    try:
        async with asyncio.timeout(FIRST_MESSAGE_SECONDS):
            text = await _text(receive)
    except TimeoutError:
        raise Closed(CloseCode.AUTH_TIMEOUT, "no token within 10 s") from None
    command = protocol.parse(text) if text is not None and len(text) <= MAX_INBOUND else None
    if not isinstance(command, protocol.Authenticate):
        raise Closed(CloseCode.UNAUTHORISED, "the first message carries the token")
    return command.token


async def _converse(proof: Proof, receive: Receive, send: Send) -> None:
    identity = await _proven(proof)
    hub = running.hub()
    tenant = identity.actor.tenant
    if tenant is None:
        raise Closed(CloseCode.UNAUTHORISED, "no tenant")
    connection = Connection(send, identity, proof, tenant.id.hex)
    await _admit(connection)
    hub.join(connection)
    connection.say(_welcome(connection, tenant.slug))
    tasks = [
        asyncio.create_task(_listen(connection, receive)),
        asyncio.create_task(connection.write()),
        asyncio.create_task(connection.closing()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await commands.leave(hub, connection)
    if connection.close_code is not None:
        await connection.send_close()
    _report(results)


def _report(results: list[BaseException | None]) -> None:
    """A defect of ours in a task is raised for the server's log; a peer that vanished is not one."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, OSError):
            log.error("realtime.socket_failed", exc_info=result)


async def _proven(proof: Proof) -> SocketIdentity:
    try:
        identity = await identities.prove(proof)
    except DatabaseError:
        raise Closed(CloseCode.UNAVAILABLE, "identity cannot be checked") from None
    if identity is None:
        raise Closed(CloseCode.UNAUTHORISED, "the token or session is not good")
    if not identity.actor.has(Scope.REALTIME_SUBSCRIBE):
        raise Closed(CloseCode.FORBIDDEN, "your role does not include realtime:subscribe")
    return identity


async def _admit(connection: Connection) -> None:
    hub, limits = running.hub(), (SOCKETS_PER_TENANT, SOCKETS_PER_PERSON)
    try:
        reached = await hub.streams.admit(
            connection.tenant, connection.actor_key, connection.id, good_for=_ADMITTED_FOR, limits=limits
        )
    except streams.Unreachable:
        return  # counted in again by the next renewal; a page must not lose its socket because Redis restarts
    if reached:
        raise Closed(CloseCode.TOO_MANY_SOCKETS, f"too many sockets of this {reached}")


def _welcome(connection: Connection, slug: str) -> str:
    actor = connection.identity.actor
    return protocol.answer(
        "ready",
        tenant=slug,
        actor=str(actor.id) if actor.id else None,
        heartbeat_s=duties.HEARTBEAT_SECONDS,
        limits={"topics": commands.MAX_TOPICS, "publish_bytes": commands.MAX_CLIENT_BODY, "queued": MAX_QUEUED},
    )


async def _listen(connection: Connection, receive: Receive) -> None:
    """Read commands until the socket is closed, one at a time; too many get a typed error, far too many close it.

    The Redis client may swallow the cancellation that ends this task: what counts is the code the socket closes with.
    """
    hub = running.hub()
    warnings = 0
    while connection.close_code is None and (text := await _text(receive)) is not None:
        if len(text) > MAX_INBOUND:
            connection.close(CloseCode.TOO_LARGE, "message too large")
            return
        if connection.inbound.take(time.monotonic()):
            await commands.obey(hub, connection, protocol.parse(text))
            continue
        warnings += 1
        if warnings > _WARNINGS:
            connection.close(CloseCode.TOO_MANY_MESSAGES, "too many messages")
            return
        connection.say(protocol.error(ErrorCode.LIMIT_REACHED, "Too many messages; slow down."))
