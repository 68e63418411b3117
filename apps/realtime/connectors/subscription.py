"""The one Redis subscription of a process, as a source of frames; a silent connection is asked whether it lives."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import redis
from redis.asyncio.client import PubSub

from apps.realtime.connectors import streams

_SILENCE: Final = 10.0


class Subscription:
    """Frames as they arrive."""

    def __init__(self, pubsub: PubSub) -> None:
        self._pubsub = pubsub
        self._asked = False

    async def next(self) -> bytes:
        """The next frame; raises one of `streams.Unreachable` when the connection is gone or no longer answers."""
        while True:
            message = await self._pubsub.get_message(timeout=_SILENCE)
            if message is None:
                await self._ask()
                continue
            self._asked = False
            if message["type"] == "message":
                data: bytes = message["data"]
                return data

    async def _ask(self) -> None:
        if self._asked:
            raise redis.ConnectionError("no answer to a ping")
        await self._pubsub.ping()
        self._asked = True


@asynccontextmanager
async def opened() -> AsyncIterator[Subscription]:
    """Subscribed to our channel, confirmed: from here on nothing is missed."""
    client = streams.connect(timeout=None)
    try:
        async with client.pubsub() as pubsub:
            await pubsub.subscribe(streams.CHANNEL)
            await pubsub.get_message(timeout=5)
            yield Subscription(pubsub)
    finally:
        await client.aclose()
