"""The body of a large request, pulled from the event loop by the thread that reads it."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

READ_WITHIN = 120.0  # seconds a client may be silent in the middle of its body


class RequestBody(io.RawIOBase):
    """A raw, read-only stream; an `OSError` when the client leaves or falls silent."""

    def __init__(
        self,
        first: bytes,
        receive: Callable[[], Awaitable[dict[str, Any]]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__()
        self._left = first
        self._receive = receive
        self._loop = loop
        self._more = True

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what is there, asking the socket when nothing is."""
        while not self._left and self._more:
            self._pull()
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def _pull(self) -> None:
        pending = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
        try:
            message = pending.result(READ_WITHIN)
        except TimeoutError:
            pending.cancel()
            raise OSError("the client stopped sending its request") from None
        if message["type"] == "http.disconnect":
            self._more = False
            raise OSError("the client left in the middle of its request")
        self._left = message.get("body", b"")
        self._more = message.get("more_body", False)

    async def _next(self) -> dict[str, Any]:
        return await self._receive()
