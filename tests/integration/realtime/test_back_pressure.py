"""A slow reader is dropped with a code and slows nobody; a fast one survives any burst."""

import socket as plain_sockets
import time

from websockets.sync.client import connect

from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.realtime.services.publisher import publish
from tests.integration.realtime.conftest import Open, Socket
from tests.support import cast


def test_a_burst_far_beyond_the_queue_reaches_a_fast_reader_whole(
    sockets: Open, alice: Actor, acme: TenantRef, topic: str
) -> None:
    with sockets(alice) as socket:
        socket.ask(topic=topic)
        for number in range(5000):
            publish(acme.id, topic, {"n": number})
        assert [socket.hear()["msg"]["n"] for _ in range(5000)] == list(range(5000))


def test_a_slow_reader_is_dropped_with_a_code_and_the_fast_one_does_not_wait(
    sockets: Open, served: str, alice: Actor, acme: TenantRef, topic: str
) -> None:
    host, port = served.split(":")
    narrow = plain_sockets.socket()
    narrow.setsockopt(plain_sockets.SOL_SOCKET, plain_sockets.SO_RCVBUF, 4096)
    narrow.connect((host, int(port)))
    padding = "x" * 20_000
    with connect(f"ws://{served}/ws/realtime", sock=narrow, compression=None, max_queue=1, ping_interval=None) as raw:
        slow = Socket(raw)
        slow.ask(auth={"token": cast.token_for(alice)})
        slow.ask(topic=topic)
        with sockets(alice) as fast:
            fast.ask(topic=topic)
            slowest = 0.0
            for number in range(1500):
                started = time.monotonic()
                publish(acme.id, topic, {"n": number, "padding": padding})
                assert fast.hear()["msg"]["n"] == number
                slowest = max(slowest, time.monotonic() - started)
            assert slowest < 1
        assert slow.close_code(timeout=30) == 4430
