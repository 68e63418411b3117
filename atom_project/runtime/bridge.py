"""Serves a WSGI application under an ASGI server: one hop to a bounded crew of threads and one back.

Plain responses return in one message; streams are pulled chunk by chunk as the client reads, and their generator is
closed when the client leaves. Knows no Django beyond the `streaming` mark of its responses.
"""

import asyncio
import contextvars
import io
import logging
import queue
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from atom_project.runtime import wsgirequest
from atom_project.runtime.requestbody import RequestBody
from atom_project.runtime.wsgirequest import BLOCK_SIZE, Headers, Message

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"trailer", b"te"})
FAILED = b'{"type":"about:blank","title":"Internal error","status":500,"code":"internal"}'
BUSY = b'{"type":"about:blank","title":"Too many requests wait; try again","status":503,"code":"busy"}'
PROBLEM: Headers = [(b"content-type", b"application/problem+json")]
GONE = (OSError, RuntimeError)  # what servers and loops raise when they write to a connection that is closed
log = logging.getLogger(__name__)


class Crew:
    """Daemon threads with one queue. Lighter than a ThreadPoolExecutor, whose futures nobody here awaits."""

    def __init__(self, threads: int, *, most_waiting: int) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._most_waiting = most_waiting
        for number in range(threads):
            threading.Thread(target=self._work, name=f"web-{number}", daemon=True).start()

    def give(self, job: Callable[[], None]) -> bool:
        """Queue a job; False when too many wait already."""
        if self._jobs.qsize() >= self._most_waiting:
            return False
        self._jobs.put(job)
        return True

    def _work(self) -> None:
        while True:
            self._jobs.get()()


class WsgiBridge:
    """The ASGI `http` scope answered by a WSGI application."""

    def __init__(self, application: WsgiApplication, *, threads: int, most_waiting: int = 500) -> None:
        self._application = application
        self._threads = threads
        self._most_waiting = most_waiting
        self._crew: Crew | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._crew is None:
            self._crew = Crew(self._threads, most_waiting=self._most_waiting)
        loop = asyncio.get_running_loop()
        environ = wsgirequest.environ(scope, await _body(scope, receive, loop))
        exchange = Exchange(self._application, environ, loop, receive, send)
        context = contextvars.copy_context()
        if not self._crew.give(lambda: context.run(exchange.work)):
            await _send_plain(send, 503, [*PROBLEM, (b"retry-after", b"1")], BUSY)
            return
        try:
            plain = await exchange.finished
        finally:
            exchange.gone = True
            exchange.stop_watching()
        if plain is not None:
            await _send_plain(send, *plain)


class Exchange:
    """One request on its way through a thread. `work` runs in the thread, the rest on the loop."""

    def __init__(
        self,
        application: WsgiApplication,
        environ: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
        receive: Receive,
        send: Send,
    ) -> None:
        self.finished: asyncio.Future[tuple[int, Headers, bytes] | None] = loop.create_future()
        self.gone = False
        self._application = application
        self._environ = environ
        self._loop = loop
        self._receive = receive
        self._send = send
        self._head: tuple[int, Headers] | None = None
        self._sent = False
        self._watcher: asyncio.Task[None] | None = None

    def work(self) -> None:
        """Run the application and deliver what it answers; never raises."""
        try:
            result = self._application(self._environ, self._start_response)
            try:
                self._deliver(result)
            finally:
                close = getattr(result, "close", None)
                if close is not None:
                    close()
        except Exception:  # the edge of the thread: the client gets an answer, the log the trace
            log.exception("request failed")
            self._finish((500, PROBLEM, FAILED))

    def stop_watching(self) -> None:
        """End the look-out for the client's departure."""
        if self._watcher is not None:
            self._watcher.cancel()

    def _deliver(self, result: Iterable[bytes]) -> None:
        if getattr(result, "streaming", True):
            self._stream(result)
            self._finish(None)
            return
        body = b"".join(result)
        assert self._head is not None
        status, headers = self._head
        if self._environ["REQUEST_METHOD"] != "HEAD" and not any(name == b"content-length" for name, _ in headers):
            headers.append((b"content-length", str(len(body)).encode()))
        self._finish((status, headers, body))

    def _stream(self, result: Iterable[bytes]) -> None:
        self._loop.call_soon_threadsafe(self._watch)
        for chunk in result:
            if not self._sent:
                self._send_head()
            if self.gone:
                return
            if chunk:
                self._wait_sent({"type": "http.response.body", "body": chunk, "more_body": True})
        if not self._sent:
            self._send_head()
        self._wait_sent({"type": "http.response.body", "body": b"", "more_body": False})

    def _send_head(self) -> None:
        assert self._head is not None
        self._sent = True
        self._wait_sent(_start(*self._head))

    def _wait_sent(self, message: Message) -> None:
        """Block until the server took the message: this is the back-pressure."""
        try:
            asyncio.run_coroutine_threadsafe(_awaited(self._send(message)), self._loop).result()
        except GONE:
            self.gone = True

    def _finish(self, plain: tuple[int, Headers, bytes] | None) -> None:
        self._loop.call_soon_threadsafe(self._resolve, None if self._sent else plain)

    def _resolve(self, plain: tuple[int, Headers, bytes] | None) -> None:
        if not self.finished.done():
            self.finished.set_result(plain)

    def _watch(self) -> None:
        if not self.finished.done():
            self._watcher = self._loop.create_task(self._notice_departure())

    async def _notice_departure(self) -> None:
        while not self.gone:
            message = await self._receive()
            self.gone = message["type"] == "http.disconnect"

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if exc_info and self._sent:
            raise exc_info[1].with_traceback(exc_info[2])
        pairs = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers]
        self._head = (int(status[:3]), [pair for pair in pairs if pair[0] not in HOP_BY_HOP])
        return _no_write


async def _send_plain(send: Send, status: int, headers: Headers, body: bytes) -> None:
    try:
        await send(_start(status, headers))
        await send({"type": "http.response.body", "body": body})
    except GONE as error:
        log.debug("the client left before its answer: %s", error)


async def _awaited(sending: Awaitable[None]) -> None:
    await sending


def _no_write(_: bytes) -> None:
    raise NotImplementedError("the write() of WSGI is not served: return or yield the body")


def _start(status: int, headers: Headers) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _body(scope: Message, receive: Receive, loop: asyncio.AbstractEventLoop) -> Any:
    """Small bodies arrive at once; a large one is pulled from the socket as the application reads it."""
    if not any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"]):
        return io.BytesIO()
    first = await receive()
    if not first.get("more_body"):
        return io.BytesIO(first.get("body", b""))
    return io.BufferedReader(RequestBody(first.get("body", b""), receive, loop), BLOCK_SIZE)
