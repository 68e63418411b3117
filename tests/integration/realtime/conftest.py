"""A real web process on a free port, and sockets to it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from websockets.sync.client import ClientConnection, connect

from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from tests.support import cast

ROOT = Path(__file__).resolve().parents[3]
WEB = "from atom_project.runtime import web; raise SystemExit(web.serve())"
Speak = Callable[..., dict[str, Any]]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web_process(**environment: str) -> Iterator[str]:
    """`host:port` of a web process of its own."""
    port = free_port()
    env = {**os.environ, "PORT": str(port), "ATOM_PROCESS": "web", **environment}
    process = subprocess.Popen([sys.executable, "-c", WEB], cwd=ROOT, env=env)
    try:
        _wait_until_served(process, port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)


def _wait_until_served(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the web process ended"
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the web process did not answer within 60 s")


@pytest.fixture(scope="session")
def served(world: dict[str, TenantRef]) -> Iterator[str]:
    """`host:port` of the web process the socket tests share."""
    with web_process() as address:
        yield address


class Socket:
    """A socket that speaks JSON."""

    def __init__(self, raw: ClientConnection) -> None:
        self.raw = raw

    def say(self, **message: Any) -> None:
        """Send one message."""
        self.raw.send(orjson.dumps(message).decode())

    def hear(self, timeout: float = 5) -> dict[str, Any]:
        """The next message that is not a heartbeat."""
        while True:
            message: dict[str, Any] = orjson.loads(self.raw.recv(timeout))
            if message.get("type") != "heartbeat":
                return message

    def ask(self, **message: Any) -> dict[str, Any]:
        """Send and wait for the next answer."""
        self.say(**message)
        return self.hear()

    def silence(self, seconds: float = 0.3) -> bool:
        """Whether nothing arrives for a while."""
        try:
            self.hear(seconds)
        except TimeoutError:
            return True
        return False

    def close_code(self, timeout: float = 10) -> int | None:
        """The code the server closes with; reads until then."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                self.raw.recv(timeout=max(0.01, end - time.monotonic()))
            except TimeoutError:
                break
            except Exception:
                return self.raw.protocol.close_code
        return None


Open = Callable[[Actor], AbstractContextManager[Socket]]


@pytest.fixture
def sockets(served: str) -> Open:
    """`with sockets(alice) as socket:` is an authenticated socket of a program."""

    @contextmanager
    def opened(actor: Actor) -> Iterator[Socket]:
        with connect(f"ws://{served}/ws/realtime", compression=None) as raw:
            socket_ = Socket(raw)
            ready = socket_.ask(auth={"token": cast.token_for(actor)})
            assert ready["type"] == "ready", ready
            yield socket_

    return opened


@pytest.fixture
def topic() -> str:
    """A topic of the test's own."""
    return f"room.{os.urandom(6).hex()}"
