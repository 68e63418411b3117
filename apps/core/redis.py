"""The process's Redis client: one pool, made on first use (after a fork too); and lines for what every request asks.

A `Line` is a connection of the thread's own: the client's pool, its look at the socket before each command and its
bookkeeping cost several times the round trip.
"""

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Final

import redis

from atom_project.config import config


def client() -> "redis.Redis":
    """The shared client of this process; commands time out after two seconds rather than hang a request."""
    return _client(os.getpid())


@lru_cache(maxsize=1)
def _client(_pid: int) -> "redis.Redis":
    return redis.Redis.from_url(
        config.redis_url.get_secret_value(),
        socket_timeout=2,
        socket_connect_timeout=2,
        health_check_interval=30,
        max_connections=64,
    )


Unreachable: Final = (redis.ConnectionError, redis.TimeoutError, OSError)


class Line(threading.local):
    """One connection a thread. A command that finds it broken is sent once more on a new one."""

    def __init__(self, *, timeout: float, connect_timeout: float, url: str = "") -> None:
        self._url = url
        self._options = {"socket_timeout": timeout, "socket_connect_timeout": connect_timeout}
        self._connection: Any = None  # redis-py leaves its connections untyped
        self._process = 0

    def script(self, source: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What a Lua script answers; raises one of `Unreachable`, or redis.ResponseError for a script that fails."""
        words = (len(keys), *keys, *arguments)
        try:
            return self._ask("EVALSHA", _sha1(source), *words)
        except redis.exceptions.NoScriptError:
            return self._ask("EVAL", source, *words)

    @contextmanager
    def meanwhile(self, source: str, keys: Sequence[str], arguments: Sequence[Any]) -> Iterator[list[Any]]:
        """The script runs while the block does something else; its answer is in the list when the block has ended.

        Nothing else may be asked of this line inside the block. Raises at its end what `script` raises.
        """
        answer: list[Any] = []
        try:
            self._send("EVALSHA", _sha1(source), len(keys), *keys, *arguments)
            sent = True
        except Unreachable:
            sent = False
        try:
            yield answer
        except BaseException:
            self._drop()  # with the answer that nobody reads
            raise
        if sent:
            with suppress(redis.exceptions.NoScriptError, *Unreachable):
                answer.append(self._read())
        if not answer:
            answer.append(self.script(source, keys, arguments))

    def tell(self, *commands: tuple[Any, ...]) -> None:
        """Send commands without waiting for answers: written at once, Redis says nothing back.

        What is lost on the way, because Redis restarts at this moment, is lost.
        """
        skipped = [part for command in commands for part in (("CLIENT", "REPLY", "SKIP"), command)]
        line = self._open()
        try:
            line.send_packed_command(line.pack_commands(skipped))
        except Unreachable:
            self._drop()
            raise

    def _ask(self, *words: Any) -> Any:
        try:
            return self._asked(*words)
        except Unreachable:
            return self._asked(*words)

    def _asked(self, *words: Any) -> Any:
        self._send(*words)
        return self._read()

    def _send(self, *words: Any) -> None:
        try:
            self._open().send_command(*words)
        except BaseException:
            self._drop()
            raise

    def _read(self) -> Any:
        if self._connection is None:
            raise redis.ConnectionError("The connection that was asked is gone.")
        try:
            return self._connection.read_response()
        except redis.ResponseError:
            raise
        except BaseException:  # an answer that was not read would be taken for the next one
            self._drop()
            raise

    def _open(self) -> Any:
        if self._connection is None or self._process != os.getpid():
            pool = redis.ConnectionPool.from_url(self._url or config.redis_url.get_secret_value(), **self._options)
            self._connection, self._process = pool.make_connection(), os.getpid()
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None and self._process == os.getpid():
            self._connection.disconnect()
        self._connection = None


@lru_cache(maxsize=64)
def _sha1(source: str) -> str:
    return hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
