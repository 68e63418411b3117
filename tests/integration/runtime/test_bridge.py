"""The web server's bridge: WSGI applications behind uvicorn on a real port."""

import contextvars
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from atom_project.runtime.bridge import WsgiBridge
from atom_project.runtime.wsgirequest import BLOCK_SIZE
from tests.integration.runtime.installation import eventually

Environ = dict[str, Any]
LETTERS = contextvars.ContextVar("LETTERS", default="")


class Streaming:
    """An answer in chunks that counts what was taken and whether it was closed."""

    streaming = True

    def __init__(self, chunks: int) -> None:
        self.left = chunks
        self.taken = 0
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        while self.left:
            self.left -= 1
            self.taken += 1
            yield b"x" * 65536

    def close(self) -> None:
        self.closed.set()


class Plain(list[bytes]):
    """An answer that is whole, as Django marks it."""

    streaming = False


class Site:
    """A WSGI application whose answers the tests set by path."""

    def __init__(self) -> None:
        self.views: dict[str, Callable[[Environ], Any]] = {}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Any:
        result = self.views[environ["PATH_INFO"]](environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return result


class Served(uvicorn.Server):
    """uvicorn in a thread."""

    def install_signal_handlers(self) -> None:
        """The main thread belongs to pytest."""


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Site, int]]:
    application = Site()
    bridge = WsgiBridge(application, threads=4, most_waiting=3)
    server = Served(uvicorn.Config(bridge, port=0, lifespan="off", log_level="warning", loop="uvloop"))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started, within=10)
    yield application, server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


def _ask(port: int, path: str, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_plain_answer_arrives_whole(site: tuple[Site, int]) -> None:
    application, port = site
    application.views["/plain"] = lambda environ: Plain([environ["QUERY_STRING"].encode(), b"!"])
    assert _ask(port, "/plain?a=1") == (200, b"a=1!")


def test_a_plain_answer_tells_its_length(site: tuple[Site, int]) -> None:
    application, port = site
    application.views["/length"] = lambda _: Plain([b"four"])
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/length")
    assert connection.getresponse().getheader("Content-Length") == "4"
    connection.close()


def test_a_client_that_leaves_before_its_answer_is_no_error(
    site: tuple[Site, int], caplog: pytest.LogCaptureFixture
) -> None:
    application, port = site
    gate = threading.Event()
    application.views["/late"] = lambda _: Plain([str(gate.wait(20)).encode()])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        connection.sendall(b"GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
    gate.set()
    assert _ask(port, "/late") == (200, b"True")
    assert "Exception" not in caplog.text


def test_a_path_keeps_its_bytes_as_wsgi_asks(site: tuple[Site, int]) -> None:
    application, port = site
    application.views["/ü".encode().decode("latin1")] = lambda _: Plain([b"found"])
    assert _ask(port, "/%C3%BC") == (200, b"found")


@pytest.mark.parametrize("size", [0, 10, 300_000, 20_000_000])
def test_bodies_of_any_size_arrive(site: tuple[Site, int], size: int) -> None:
    application, port = site
    application.views["/echo"] = lambda environ: Plain([str(len(environ["wsgi.input"].read())).encode()])
    assert _ask(port, "/echo", "POST", b"y" * size) == (200, str(size).encode())


def test_a_chunked_body_arrives(site: tuple[Site, int]) -> None:
    application, port = site
    application.views["/echo"] = lambda environ: Plain([str(len(environ["wsgi.input"].read())).encode()])
    assert _ask(port, "/echo", "POST", (b"z" * 70_000 for _ in range(20))) == (200, b"1400000")


def test_a_refusal_needs_not_read_the_body(site: tuple[Site, int]) -> None:
    application, port = site
    application.views["/refuse"] = lambda _: Plain([b"too large"])
    assert _ask(port, "/refuse", "POST", b"y" * 8_000_000) == (200, b"too large")


def test_a_slow_reader_slows_the_generator_and_its_leave_closes_it(site: tuple[Site, int]) -> None:
    application, port = site
    stream = Streaming(chunks=100_000)
    application.views["/stream"] = lambda _: stream
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.recv(1000)
        time.sleep(0.5)
        taken = stream.taken
        time.sleep(0.3)
        assert stream.taken == taken < 1000
    assert stream.closed.wait(5)
    assert stream.taken < 1000


def test_a_stream_is_closed_after_its_end(site: tuple[Site, int]) -> None:
    application, port = site
    stream = Streaming(chunks=30)
    application.views["/short"] = lambda _: stream
    assert len(_ask(port, "/short")[1]) == 30 * 65536
    assert stream.closed.wait(5)


def test_files_leave_in_large_blocks(site: tuple[Site, int]) -> None:
    application, port = site
    sizes: list[int] = []

    class File:
        def __init__(self) -> None:
            self.left = 3 * BLOCK_SIZE

        def read(self, size: int) -> bytes:
            sizes.append(size)
            self.left -= size
            return b"f" * size if self.left >= 0 else b""

    application.views["/file"] = lambda environ: environ["wsgi.file_wrapper"](File(), 4096)
    assert len(_ask(port, "/file")[1]) == 3 * BLOCK_SIZE
    assert min(sizes) >= 64 * 1024


def test_what_one_request_sets_is_gone_in_the_next(site: tuple[Site, int]) -> None:
    application, port = site

    def view(_: Environ) -> Plain:
        before = LETTERS.get()
        LETTERS.set(f"{before}a")
        return Plain([before.encode()])

    application.views["/context"] = view
    assert {_ask(port, "/context") for _ in range(12)} == {(200, b"")}


def test_a_header_with_an_underscore_cannot_pose_as_one_with_a_dash(site: tuple[Site, int]) -> None:
    application, port = site
    application.views["/header"] = lambda environ: Plain([environ.get("HTTP_X_TENANT_ID", "none").encode()])
    assert _ask(port, "/header", X_Tenant_Id="forged") == (200, b"none")
    assert _ask(port, "/header", **{"X-Tenant-Id": "real"}) == (200, b"real")


def test_an_error_becomes_a_problem_and_the_thread_works_on(
    site: tuple[Site, int], caplog: pytest.LogCaptureFixture
) -> None:
    application, port = site

    def view(_: Environ) -> Plain:
        raise RuntimeError("of the application")

    application.views["/error"] = view
    application.views["/after"] = lambda _: Plain([b"fine"])
    for _ in range(8):
        status, body = _ask(port, "/error")
        assert status == 500
        assert b"of the application" not in body
    assert _ask(port, "/after") == (200, b"fine")
    assert "of the application" in caplog.text


def test_too_many_waiting_requests_are_refused_at_once(site: tuple[Site, int]) -> None:
    application, port = site
    gate = threading.Event()

    def view(_: Environ) -> Plain:
        gate.wait(20)
        return Plain([b"served"])

    application.views["/gate"] = view
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(_ask(port, "/gate")[0])) for _ in range(12)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(answers) == 5, within=10)
    assert set(answers) == {503}
    gate.set()
    for thread in threads:
        thread.join(20)
    assert sorted(answers) == [200] * 7 + [503] * 5
