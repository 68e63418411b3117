"""The hub of one process: its sockets, its rooms, and one Redis subscription that feeds them all.

It belongs to one event loop and starts with the first socket. It never touches the database.
"""

import asyncio
import time
from uuid import UUID

import orjson
import structlog

from apps.core.ids import new_id
from apps.realtime import registry
from apps.realtime.connectors.streams import Address, AsyncStreams, Entry
from apps.realtime.engine import frames, ids, protocol
from apps.realtime.enums import CloseCode
from apps.realtime.services import metrics
from apps.realtime.services.connections import Connection
from apps.realtime.services.rooms import Room

log = structlog.get_logger(__name__)


class Hub:
    """Sockets and rooms of this process."""

    def __init__(self) -> None:
        self.id = new_id().hex
        self.streams = AsyncStreams()
        self.connections: dict[str, Connection] = {}
        self.rooms: dict[tuple[bytes, bytes], Room] = {}
        self.listening = asyncio.Event()
        self.has_listened = False
        self.telemetry_wanted = asyncio.Event()

    # --- sockets and rooms ------------------------------------------------------------------------------------------
    def join(self, connection: Connection) -> None:
        """Count a socket in."""
        self.connections[connection.id] = connection
        metrics.SOCKETS.set(len(self.connections))

    def part(self, connection: Connection) -> None:
        """Forget a socket and everything it follows."""
        for topic in list(connection.rooms):
            self.unfollow(connection, topic)
        self.connections.pop(connection.id, None)
        metrics.SOCKETS.set(len(self.connections))

    def room(self, address: Address) -> Room:
        """The room of a topic, made when nobody here followed it."""
        key = (address.tenant.encode(), address.topic.encode())
        room = self.rooms.get(key)
        if room is None:
            room = self.rooms[key] = Room(address)
            if address.topic == registry.TELEMETRY:
                self.telemetry_wanted.set()
        return room

    def unfollow(self, connection: Connection, topic: str) -> Room | None:
        """Take a socket out of a room; an empty room is closed."""
        room = connection.rooms.pop(topic, None)
        if room is None:
            return None
        room.leave(connection)
        metrics.SUBSCRIPTIONS.dec()
        if not len(room):
            self.rooms.pop((room.address.tenant.encode(), topic.encode()), None)
        return room

    # --- what arrives from Redis ------------------------------------------------------------------------------------
    def receive(self, data: bytes) -> None:
        """One frame of the subscription."""
        frame = frames.decode(data)
        if frame is None:
            log.warning("realtime.foreign_frame", size=len(data))
            return
        if frame.kind == frames.CONTROL:
            self._obey(frame)
            return
        room = self.rooms.get((frame.tenant, frame.topic))
        if room is None:
            return
        if frame.kind == frames.PRESENCE:
            self._tell_presence(room, frame.body)
            return
        stream_id = ids.parse(frame.id.decode())
        if stream_id is not None:
            metrics.FRAMES.inc()
            self.deliver(room, stream_id, frame.body)

    def deliver(self, room: Room, stream_id: ids.StreamId, body: bytes) -> None:
        """A message of a room's topic, live or made up after an outage."""
        if room.address.topic == registry.TELEMETRY and b'"simulated":true' not in body:
            room.live_at = time.monotonic()
        room.deliver(stream_id, body)

    def _tell_presence(self, room: Room, body: bytes) -> None:
        members = people(orjson.loads(body))
        room.tell(protocol.answer("presence", topic=room.address.topic, members=members), watchers_only=True)

    def _obey(self, frame: frames.Frame) -> None:
        order = orjson.loads(frame.body)
        actor_id = UUID(order["actor_id"]) if order["actor_id"] else None
        tenant = frame.tenant.decode()
        for connection in list(self.connections.values()):
            if connection.tenant == tenant and actor_id in (None, connection.identity.actor.id):
                connection.close(CloseCode(order["code"]), order["reason"])

    # --- after an outage --------------------------------------------------------------------------------------------
    async def catch_up(self) -> None:
        """Deliver what was kept while the subscription was out, and tell everybody to read the state again."""
        for room in list(self.rooms.values()):
            start = room.resume_point()
            if start is None:
                continue
            for stream_id, body in await self.history(room.address, start):
                self.deliver(room, stream_id, body)
            room.tell(protocol.answer("resync", topic=room.address.topic))

    async def history(self, address: Address, after: ids.StreamId) -> list[Entry]:
        """Everything kept after `after`, oldest first (the streams are capped, so this is bounded)."""
        return await self.streams.entries(address, start=f"({ids.spell(after)}", count=10_000)


def people(members: list[dict[str, str]]) -> list[dict[str, str]]:
    """Each person once, however many sockets they hold."""
    return list({member["id"]: {"id": member["id"], "name": member["name"]} for member in members}.values())
