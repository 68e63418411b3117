"""Redis as the hub uses it: keys, clients for both worlds, and the calls. Nothing here decides anything."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast
from uuid import UUID

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.realtime.connectors import scripts
from apps.realtime.engine import frames, ids
from atom_project.config import config

CHANNEL: Final = b"atom:realtime"
Unreachable = (redis.RedisError, OSError)
Entry = tuple[ids.StreamId, bytes]


def key(tenant: str, *parts: str) -> str:
    """A key of this tenant; purge removes `atom:t:<tenant>:*`."""
    return ":".join(("atom", "t", tenant, "rt", *parts))


@dataclass(frozen=True, slots=True)
class Address:
    """A topic of a tenant."""

    tenant: str
    topic: str

    @classmethod
    def of(cls, tenant_id: UUID, topic: str) -> "Address":
        """The address of `topic` in that tenant."""
        return cls(tenant_id.hex, topic)

    @property
    def stream(self) -> str:
        """Key of the topic's history."""
        return key(self.tenant, "stream", self.topic)

    @property
    def presence(self) -> str:
        """Key of the set of members present."""
        return key(self.tenant, "presence", self.topic)

    def head(self, kind: bytes) -> bytes:
        """Head of a frame of this kind for this topic."""
        return frames.head(kind, self.tenant.encode(), self.topic.encode())


@cache
def _client(_process: int) -> redis.Redis:
    return redis.Redis.from_url(
        config.redis_url.get_secret_value(),
        socket_timeout=2,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 1),  # one retry: the connection of before a restart of Redis
    )


def client() -> redis.Redis:
    """The synchronous client of this process; a forked child gets its own."""
    return _client(os.getpid())


def connect(*, timeout: float | None = 2) -> redis.asyncio.Redis:
    """An asynchronous client for the running loop; `timeout=None` for a connection that listens."""
    return redis.asyncio.Redis.from_url(
        config.redis_url.get_secret_value(),
        socket_timeout=timeout,
        socket_connect_timeout=1,
        retry=AsyncRetry(NoBackoff(), 1),
    )


def _publish_arguments(address: Address, body: bytes, history: int, keep_seconds: int) -> list[Any]:
    return [address.stream, CHANNEL, address.head(frames.MESSAGE), body, history, keep_seconds]


@cache
def _publish_script(process: int) -> Any:
    return _client(process).register_script(scripts.PUBLISH)


def append(address: Address, body: bytes, *, history: int, keep_seconds: int) -> str:
    """Keep a message in the topic's history and announce it, in one round trip; its id."""
    first, *rest = _publish_arguments(address, body, history, keep_seconds)
    return cast("bytes", _publish_script(os.getpid())(keys=[first], args=rest)).decode()


def announce(kind: bytes, tenant: str, body: bytes) -> None:
    """Tell every process something that is not a topic's message."""
    client().publish(CHANNEL, frames.head(kind, tenant.encode(), b"") + frames.SEP + body)


class AsyncStreams:
    """The same calls on a running loop, and those only the hub makes."""

    def __init__(self) -> None:
        self._redis = connect()
        self._publish = self._redis.register_script(scripts.PUBLISH)
        self._present = self._redis.register_script(scripts.PRESENT)
        self._absent = self._redis.register_script(scripts.ABSENT)
        self._admit = self._redis.register_script(scripts.ADMIT)

    async def append(self, address: Address, body: bytes, *, history: int, keep_seconds: int) -> str:
        """Keep and announce a message; its id."""
        first, *rest = _publish_arguments(address, body, history, keep_seconds)
        return cast("bytes", await self._publish(keys=[first], args=rest)).decode()

    async def tip(self, address: Address) -> ids.StreamId:
        """The id of the newest message kept, or zero."""
        newest = await self._redis.xrevrange(address.stream, count=1)
        return _entry(newest[0])[0] if newest else ids.ZERO

    async def entries(self, address: Address, *, start: str, count: int) -> list[Entry]:
        """At most `count` messages from `start` on (`(id` excludes it), oldest first."""
        rows = await self._redis.xrange(address.stream, min=start, count=count)
        return [_entry(row) for row in rows or ()]

    async def present(self, address: Address, members: list[bytes], *, good_for: int) -> list[bytes]:
        """Say that these members are here; everybody who is."""
        head = address.head(frames.PRESENCE)
        arguments: list[bytes | str | int | float] = [CHANNEL, head, good_for, good_for * 2, *members]
        return cast("list[bytes]", await self._present(keys=[address.presence], args=arguments))

    async def absent(self, address: Address, member: bytes) -> None:
        """Say that this member left."""
        await self._absent(keys=[address.presence], args=[CHANNEL, address.head(frames.PRESENCE), member])

    async def admit(self, tenant: str, actor: str, socket: str, *, good_for: int, limits: tuple[int, int]) -> str:
        """Count a socket in; the name of the limit (`tenant`, `actor`) that forbids it, or nothing."""
        keys = [key(tenant, "sockets"), key(tenant, "sockets", actor)]
        return cast("bytes", await self._admit(keys=keys, args=[socket, good_for, *limits])).decode()

    async def keep_admitted(self, sockets: list[tuple[str, str, str]], *, until: int) -> None:
        """Renew sockets counted in, as (tenant, actor, socket), in one round trip."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for tenant, actor, socket in sockets:
                pipeline.zadd(key(tenant, "sockets"), {socket: until}, xx=True)
                pipeline.zadd(key(tenant, "sockets", actor), {socket: until}, xx=True)
            await pipeline.execute()

    async def release(self, tenant: str, actor: str, socket: str) -> None:
        """Count a socket out."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.zrem(key(tenant, "sockets"), socket)
            pipeline.zrem(key(tenant, "sockets", actor), socket)
            await pipeline.execute()

    async def elected(self, tenant: str, duty: str, *, milliseconds: int) -> bool:
        """Whether this process is the one to do `duty` for the tenant in this interval."""
        return bool(await self._redis.set(key(tenant, "duty", duty), b"1", nx=True, px=milliseconds))

    async def close(self) -> None:
        """Let the connections go."""
        await self._redis.aclose()


def _entry(row: Any) -> Entry:
    stream_id = ids.parse(row[0].decode())
    if stream_id is None:
        raise ValueError("Redis answered an id that is none")
    return stream_id, row[1][b"m"]
