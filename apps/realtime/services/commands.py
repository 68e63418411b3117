"""What a client asked for, done: one function a verb, each answered by an acknowledgement or a typed error."""

import asyncio
from typing import Any, Final, assert_never

import orjson
import structlog

from apps.core.errors import AtomError
from apps.core.permissions import Scope
from apps.realtime import registry
from apps.realtime.connectors import streams
from apps.realtime.connectors.streams import Address
from apps.realtime.engine import frames, ids, protocol
from apps.realtime.enums import ErrorCode
from apps.realtime.services import identities, metrics, publisher, threads
from apps.realtime.services.connections import Connection, text_event
from apps.realtime.services.hub import Hub, people
from apps.realtime.services.rooms import Room

log = structlog.get_logger(__name__)
MAX_TOPICS: Final = 100
MAX_CLIENT_BODY: Final = 64 * 1024
PRESENCE_SECONDS: Final = 60
_PAGE: Final = 200


class Refused(Exception):
    """A command that is not carried out; becomes a typed error on the socket."""

    def __init__(self, code: ErrorCode, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(detail)


async def obey(hub: Hub, connection: Connection, command: protocol.Command) -> None:
    """Carry out one command; a refusal, or Redis being out, is said and the socket stays open."""
    topic: dict[str, Any] = {"topic": command.topic} if hasattr(command, "topic") else {}
    try:
        await _obey(hub, connection, command)
    except Refused as refusal:
        connection.say(protocol.error(refusal.code, refusal.detail, command.ref, **topic))
    except AtomError as error:
        connection.say(protocol.error(error.code, error.message, command.ref, **topic))
    except streams.Unreachable:
        detail = "Redis is out; try again in a moment."
        connection.say(protocol.error(ErrorCode.UNAVAILABLE, detail, command.ref, **topic))


async def _obey(hub: Hub, connection: Connection, command: protocol.Command) -> None:
    match command:
        case protocol.Subscribe():
            await _subscribe(hub, connection, command)
        case protocol.Unsubscribe():
            await _unsubscribe(hub, connection, command)
        case protocol.Publish():
            await _publish(hub, connection, command)
        case protocol.WhoIsThere():
            await _who(hub, connection, command)
        case protocol.Authenticate():
            await identities.renew(connection, command.token)
            connection.say(protocol.answer("renewed", command.ref))
        case protocol.Ping():
            connection.say(protocol.answer("pong", command.ref))
        case protocol.Malformed():
            raise Refused(ErrorCode.BAD_MESSAGE, command.detail)
        case _:
            assert_never(command)


async def _allowed(connection: Connection, topic: str, *, publishing: bool = False) -> None:
    matched = registry.match(topic)
    if matched is None:
        raise Refused(ErrorCode.BAD_TOPIC, "There is no such topic.")
    rule, captured = matched
    scope: Scope | None = rule.publish if publishing else rule.subscribe
    actor = connection.identity.actor
    if scope is None:
        raise Refused(ErrorCode.PERMISSION_DENIED, "Only ATOM itself publishes on this topic.")
    if not (actor.has(scope) and actor.has(Scope.REALTIME_PUBLISH if publishing else Scope.REALTIME_SUBSCRIBE)):
        raise Refused(ErrorCode.PERMISSION_DENIED, f"Your role does not include “{scope}”.")
    check = rule.loaded_check()
    if check is not None and not await threads.run(lambda: check(actor, **dict(captured)), inside=actor.tenant):
        raise Refused(ErrorCode.NOT_FOUND, "There is no such topic.")


async def _subscribe(hub: Hub, connection: Connection, command: protocol.Subscribe) -> None:
    if command.topic not in connection.rooms and len(connection.rooms) >= MAX_TOPICS:
        raise Refused(ErrorCode.LIMIT_REACHED, f"A socket follows at most {MAX_TOPICS} topics.")
    await _allowed(connection, command.topic)
    await _hub_listens(hub)
    hub.unfollow(connection, command.topic)
    room = hub.room(Address(connection.tenant, command.topic))
    follower = room.enter(connection)
    connection.rooms[command.topic] = room
    metrics.SUBSCRIPTIONS.inc()
    try:
        floor = await _acknowledge_and_replay(hub, connection, room, command)
    except streams.Unreachable:
        hub.unfollow(connection, command.topic)
        raise
    room.settle(follower, floor)
    if command.presence:
        room.watchers[connection.id] = connection
        await hub.streams.present(room.address, [member(connection)], good_for=PRESENCE_SECONDS)


async def _hub_listens(hub: Hub) -> None:
    try:
        async with asyncio.timeout(2):  # wait_for would swallow a cancellation that comes as the event is set
            await hub.listening.wait()
    except TimeoutError:
        raise Refused(ErrorCode.UNAVAILABLE, "Redis is out; try again in a moment.") from None


async def _acknowledge_and_replay(
    hub: Hub, connection: Connection, room: Room, command: protocol.Subscribe
) -> ids.StreamId:
    """Acknowledge, then send what was kept after `since`; the last id sent (or the tip)."""
    tip = await hub.streams.tip(room.address)
    since = command.since
    gap = since is not None and await _has_gap(hub, room.address, since)
    last_id = ids.spell(tip)
    ack = protocol.answer("subscribed", command.ref, topic=command.topic, last_id=last_id, gap=gap)
    connection.say(ack)
    if since is None:
        return tip
    after = since
    while page := await hub.streams.entries(room.address, start=f"({ids.spell(after)}", count=_PAGE):
        for stream_id, body in page:
            text = frames.message_text(command.topic, stream_id, body.decode())
            await connection.say_patiently(text_event(text), len(text))
        after = page[-1][0]
        if len(page) < _PAGE:
            break
    return max(after, tip)


async def _has_gap(hub: Hub, address: Address, since: ids.StreamId) -> bool:
    """Whether messages after `since` are no longer kept: its own entry is gone and it was not the beginning."""
    if since == ids.ZERO:
        return False
    first = await hub.streams.entries(address, start=ids.spell(since), count=1)
    return not first or first[0][0] != since


async def _unsubscribe(hub: Hub, connection: Connection, command: protocol.Unsubscribe) -> None:
    room = connection.rooms.get(command.topic)
    if room is not None and connection.id in room.watchers:
        await hub.streams.absent(room.address, member(connection))
    hub.unfollow(connection, command.topic)
    connection.say(protocol.answer("unsubscribed", command.ref, topic=command.topic))


async def _publish(hub: Hub, connection: Connection, command: protocol.Publish) -> None:
    if len(command.body) > MAX_CLIENT_BODY:
        raise Refused(ErrorCode.TOO_LARGE, "A published message is at most 64 kB.")
    await _allowed(connection, command.topic, publishing=True)
    actor, record = connection.identity.actor, registry.publish_record()
    await threads.run(lambda: record(actor, topic=command.topic, size=len(command.body)), inside=actor.tenant)
    history, keep_seconds = publisher.retention(command.topic)
    address = Address(connection.tenant, command.topic)
    stream_id = await hub.streams.append(address, command.body, history=history, keep_seconds=keep_seconds)
    connection.say(protocol.answer("published", command.ref, topic=command.topic, id=stream_id))


async def _who(hub: Hub, connection: Connection, command: protocol.WhoIsThere) -> None:
    await _allowed(connection, command.topic)
    rows = await hub.streams.present(Address(connection.tenant, command.topic), [], good_for=PRESENCE_SECONDS)
    members = people([orjson.loads(row) for row in rows])
    connection.say(protocol.answer("presence", command.ref, topic=command.topic, members=members))


def member(connection: Connection) -> bytes:
    """A socket as an entry of a presence list."""
    actor = connection.identity.actor
    return orjson.dumps({"id": connection.actor_key, "name": actor.name or actor.email, "s": connection.id})


async def leave(hub: Hub, connection: Connection) -> None:
    """The socket is gone: out of its rooms here and its presence everywhere."""
    watched = [room.address for room in connection.rooms.values() if connection.id in room.watchers]
    hub.part(connection)
    try:
        for address in watched:
            await hub.streams.absent(address, member(connection))
        await hub.streams.release(connection.tenant, connection.actor_key, connection.id)
    except streams.Unreachable:
        log.info("realtime.left_while_redis_is_out")  # both entries run out by themselves within a minute
