"""What the hub does by itself: heartbeat, proving identities again, keeping presence alive, the synthetic telemetry."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Final

import orjson
import structlog

from apps.core import clock
from apps.realtime import registry
from apps.realtime.connectors import streams
from apps.realtime.engine import protocol
from apps.realtime.services import commands, identities, publisher
from apps.realtime.services.connections import text_event
from apps.realtime.services.hub import Hub
from apps.realtime.services.rooms import Room

log = structlog.get_logger(__name__)
HEARTBEAT_SECONDS: Final = 20
_TELEMETRY_SECONDS: Final = 1.0
_LIVE_SECONDS: Final = 5.0
Duty = Callable[[Hub], Coroutine[None, None, None]]


async def repeat(duty: Duty, hub: Hub, *, every: float) -> None:
    """Do `duty` for ever; Redis being out is waited through."""
    while True:
        await asyncio.sleep(every)
        try:
            await duty(hub)
        except streams.Unreachable as error:
            log.info("realtime.duty_waits_for_redis", duty=duty.__name__, error=type(error).__name__)


async def beat(hub: Hub) -> None:
    """One heartbeat to every socket, encoded once."""
    text = protocol.answer("heartbeat", at=clock.now().isoformat(timespec="milliseconds"))
    event = text_event(text)
    for connection in list(hub.connections.values()):
        connection.offer(event, len(text))


async def check_identities(hub: Hub) -> None:
    """Sockets whose person, role or token no longer holds are closed."""
    await identities.check_due(hub)


async def keep_presence(hub: Hub) -> None:
    """Renew what would otherwise run out: sockets counted in, members present."""
    sockets = [(one.tenant, one.actor_key, one.id) for one in hub.connections.values()]
    if sockets:
        await hub.streams.keep_admitted(sockets, until=int(time.time()) + commands.PRESENCE_SECONDS)
    for room in list(hub.rooms.values()):
        if room.watchers:
            members = [commands.member(one) for one in room.watchers.values()]
            await hub.streams.present(room.address, members, good_for=commands.PRESENCE_SECONDS)


async def telemetry(hub: Hub) -> None:
    """While nothing live speaks on the telemetry topic, a heartbeat that says it is synthetic, once a second."""
    while True:
        rooms = [room for room in hub.rooms.values() if room.address.topic == registry.TELEMETRY]
        if not rooms:
            hub.telemetry_wanted.clear()
            await hub.telemetry_wanted.wait()
            continue
        for room in rooms:
            if time.monotonic() - room.live_at > _LIVE_SECONDS:
                await _synthetic(hub, room)
        await asyncio.sleep(_TELEMETRY_SECONDS)


async def _synthetic(hub: Hub, room: Room) -> None:
    """One synthetic message; one process of all speaks for the tenant in each interval."""
    message = {"kind": "heartbeat", "simulated": True, "interval_s": _TELEMETRY_SECONDS}
    try:
        if await hub.streams.elected(room.address.tenant, "telemetry", milliseconds=int(_TELEMETRY_SECONDS * 950)):
            history, keep_seconds = publisher.retention(registry.TELEMETRY)
            body = orjson.dumps(message)
            await hub.streams.append(room.address, body, history=history, keep_seconds=keep_seconds)
    except streams.Unreachable:
        log.info("realtime.telemetry_waits_for_redis")
