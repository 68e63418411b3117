"""A topic inside one process: who follows it, and delivery in order, each message once per socket.

A new follower settles first: messages that arrive while its history is read wait in `pending`, and anything up to its
`floor` (the last id it has) is skipped, so history and the live stream join without a gap or a double.
"""

from apps.realtime.connectors.streams import Address
from apps.realtime.engine import frames, ids
from apps.realtime.services import metrics
from apps.realtime.services.connections import Connection, Event, text_event

Waiting = tuple[ids.StreamId, Event, int]


class Follower:
    """A socket on its way into a room."""

    __slots__ = ("connection", "floor", "pending")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.floor: ids.StreamId = ids.ZERO
        self.pending: list[Waiting] | None = []


class Room:
    """The followers of one topic of one tenant in this process."""

    __slots__ = ("address", "last_id", "live", "live_at", "settling", "watchers")

    def __init__(self, address: Address) -> None:
        self.address = address
        self.last_id: ids.StreamId | None = None
        self.live: dict[str, Connection] = {}
        self.settling: dict[str, Follower] = {}
        self.watchers: dict[str, Connection] = {}
        self.live_at = 0.0

    def __len__(self) -> int:
        return len(self.live) + len(self.settling)

    def connections(self) -> list[Connection]:
        """Everybody here."""
        return [*self.live.values(), *(follower.connection for follower in self.settling.values())]

    def enter(self, connection: Connection) -> Follower:
        """Let a socket in; it settles until its history has been sent."""
        follower = Follower(connection)
        self.settling[connection.id] = follower
        return follower

    def settle(self, follower: Follower, floor: ids.StreamId) -> None:
        """History up to `floor` is sent: send what waited meanwhile, then follow live."""
        for stream_id, event, size in follower.pending or ():
            if stream_id > floor:
                follower.connection.offer(event, size)
                floor = stream_id
        follower.pending = None
        follower.floor = floor
        if self.last_id is not None and self.last_id >= floor and follower.connection.id in self.settling:
            self._follow_live(follower)

    def _follow_live(self, follower: Follower) -> None:
        del self.settling[follower.connection.id]
        self.live[follower.connection.id] = follower.connection

    def leave(self, connection: Connection) -> None:
        """Let a socket go."""
        self.live.pop(connection.id, None)
        self.settling.pop(connection.id, None)
        self.watchers.pop(connection.id, None)

    def resume_point(self) -> ids.StreamId | None:
        """The id after which this room may have missed something; None when nobody knows one yet."""
        floors = [follower.floor for follower in self.settling.values() if follower.pending is None]
        return self.last_id or min(floors, default=None)

    def deliver(self, stream_id: ids.StreamId, body: bytes) -> None:
        """Fan a message out; one that was delivered before is skipped."""
        if self.last_id is not None and stream_id <= self.last_id:
            return
        self.last_id = stream_id
        text = frames.message_text(self.address.topic, stream_id, body.decode())
        event, size = text_event(text), len(text)
        for connection in self.live.values():
            connection.offer(event, size)
        metrics.DELIVERED.inc(len(self.live))
        for follower in list(self.settling.values()):
            self._deliver_settling(follower, stream_id, event, size)

    def _deliver_settling(self, follower: Follower, stream_id: ids.StreamId, event: Event, size: int) -> None:
        if follower.pending is not None:
            follower.pending.append((stream_id, event, size))
        elif stream_id > follower.floor:
            follower.connection.offer(event, size)
            self._follow_live(follower)

    def tell(self, text: str, *, watchers_only: bool = False) -> None:
        """Say something that is not a message of the topic."""
        event = text_event(text)
        for connection in list(self.watchers.values()) if watchers_only else self.connections():
            connection.offer(event, len(text))
