"""The one Redis subscription of this process: read for ever, made again with back-off, caught up after an outage."""

import asyncio
import random
from typing import Final

import structlog

from apps.realtime.connectors import streams, subscription
from apps.realtime.services import metrics
from apps.realtime.services.hub import Hub

log = structlog.get_logger(__name__)
_LONGEST_WAIT: Final = 5.0


async def listen(hub: Hub) -> None:
    """Feed the hub until cancelled."""
    wait = 0.1
    while True:
        try:
            await _subscription(hub)
        except streams.Unreachable as error:
            log.warning("realtime.redis_lost", error=type(error).__name__)
        wait = 0.1 if hub.listening.is_set() else min(wait * 2, _LONGEST_WAIT)
        hub.listening.clear()
        metrics.RECONNECTED.inc()
        await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter


async def _subscription(hub: Hub) -> None:
    async with subscription.opened() as frames:
        if hub.has_listened:
            await hub.catch_up()
        hub.has_listened = True
        hub.listening.set()
        while True:
            hub.receive(await frames.next())
            # A full read buffer never suspends: give the writers their turn, or fast readers would look slow.
            await asyncio.sleep(0)
