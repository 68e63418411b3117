"""One open socket inside the hub: its bounded queue, its writer, and the way it is closed.

`offer` never waits: a reader that falls too far behind is closed with a code and cannot slow the others.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from apps.core.ids import new_id
from apps.realtime.contracts import Proof, SocketIdentity
from apps.realtime.engine.bucket import TokenBucket
from apps.realtime.engine.outbox import BoundedQueue
from apps.realtime.enums import CloseCode
from apps.realtime.services import metrics

if TYPE_CHECKING:
    from apps.realtime.services.rooms import Room

Event = dict[str, Any]
Send = Callable[[Event], Awaitable[None]]

MAX_QUEUED: Final = 1024
MAX_QUEUED_BYTES: Final = 4 * 1024 * 1024
MESSAGES_A_SECOND: Final = 50.0
BURST: Final = 100.0
LAST_WORD_SECONDS: Final = 30.0


def text_event(text: str) -> Event:
    """The ASGI event that sends `text`."""
    return {"type": "websocket.send", "text": text}


class Connection:
    """A proven caller's socket."""

    def __init__(self, send: Send, identity: SocketIdentity, proof: Proof, tenant: str) -> None:
        self.id = new_id().hex
        self.identity = identity
        self.proof = proof
        self.tenant = tenant
        self.rooms: dict[str, Room] = {}
        self.inbound = TokenBucket(rate=MESSAGES_A_SECOND, burst=BURST, at=time.monotonic())
        self.checked_at = time.monotonic()
        self.close_code: CloseCode | None = None
        self.close_reason = ""
        self._closing = asyncio.get_running_loop().create_future()
        self._send = send
        self._queue: BoundedQueue[Event] = BoundedQueue(max_items=MAX_QUEUED, max_size=MAX_QUEUED_BYTES)
        self._wake: asyncio.Future[None] | None = None
        self._room_made: asyncio.Future[None] | None = None

    @property
    def actor_key(self) -> str:
        """The caller as part of a Redis key."""
        actor = self.identity.actor
        return actor.id.hex if actor.id else actor.kind.value

    def offer(self, event: Event, size: int) -> bool:
        """Queue an event without waiting; False (and the socket closes) when the reader is too far behind."""
        if self.close_code is not None:
            return False
        if not self._queue.offer(event, size):
            self.close(CloseCode.SLOW_READER, "too far behind")
            return False
        wake = self._wake
        if wake is not None:
            self._wake = None
            if not wake.done():
                wake.set_result(None)
        return True

    def say(self, text: str) -> None:
        """Queue an answer."""
        self.offer(text_event(text), len(text))

    async def say_patiently(self, event: Event, size: int) -> None:
        """Queue a replayed message, waiting while the queue is half full: history cannot drown a reader."""
        while len(self._queue) >= MAX_QUEUED // 2 and self.close_code is None:
            self._room_made = asyncio.get_running_loop().create_future()
            await self._room_made
        self.offer(event, size)

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the socket with a code; what was queued is not sent. Idempotent, never waits."""
        if self.close_code is None:
            self.close_code = code
            self.close_reason = reason
            self._queue.clear()
            self._let_go()
            metrics.CLOSED.labels(code.name.lower()).inc()
            if not self._closing.done():
                self._closing.set_result(None)

    async def closing(self) -> None:
        """Wait until somebody closes the socket."""
        await asyncio.shield(self._closing)

    async def write(self) -> None:
        """Send what is queued, for ever; the one writer of this socket."""
        queue, send = self._queue, self._send
        loop = asyncio.get_running_loop()
        while True:
            while queue:
                await send(queue.take())
            self._let_go()
            self._wake = wake = loop.create_future()
            await wake

    def _let_go(self) -> None:
        if self._room_made is not None and not self._room_made.done():
            self._room_made.set_result(None)
        self._room_made = None

    async def send_close(self) -> None:
        """Tell the other side why; a slow reader hears it once it has read what the server had handed over before."""
        code = self.close_code or CloseCode.RESTARTING
        event = {"type": "websocket.close", "code": int(code), "reason": self.close_reason}
        with contextlib.suppress(TimeoutError, OSError, RuntimeError):  # the peer may be gone already
            async with asyncio.timeout(LAST_WORD_SECONDS):
                await self._send(event)
