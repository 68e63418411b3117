"""Fan-out to many sockets: the hub (through Redis, with history) against a bare ASGI loop, in the same run.

`python -m tests.benchmarks fanout`.
"""

import asyncio
import base64
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from apps.realtime.services.publisher import publish
from tests.benchmarks.fanout_apps import TENANT
from tests.benchmarks.report import Report

ROOT = Path(__file__).resolve().parents[2]
MARK = "~"
TOPIC = "bench.fanout"
PADDING = "x" * 100
SOCKETS, MESSAGES = 100, 2000


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(application: str, port: int) -> "subprocess.Popen[bytes]":
    """The application under the server, with the options of the web process."""
    command = [sys.executable, "-m", "uvicorn", f"tests.benchmarks.fanout_apps:{application}", "--port", str(port)]
    options = ["--loop", "uvloop", "--ws", "websockets-sansio", "--ws-per-message-deflate", "false"]
    process = subprocess.Popen([*command, *options, "--lifespan", "off", "--log-level", "warning"], cwd=ROOT)
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def frame(text: str) -> bytes:
    """A masked text frame, as clients send them."""
    data = text.encode()
    length = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
    return b"\x81" + length + b"\0\0\0\0" + data  # a mask of zeros leaves the data as it is


async def opened(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A raw connection after the handshake: reading costs this process as little as possible."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /ws/realtime HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def said(reader: asyncio.StreamReader, what: bytes) -> None:
    """Read until the server has said `what`."""
    seen = b""
    while what not in seen:
        data = await reader.read(65536)
        assert data, "the server closed the socket"
        seen += data


async def count(reader: asyncio.StreamReader, expected: int) -> None:
    """Read until `expected` marks have arrived."""
    seen = 0
    while seen < expected:
        data = await reader.read(1 << 20)
        assert data, "the server closed the socket"
        seen += data.count(MARK.encode())


async def bare_rate(port: int, sockets: int, messages: int) -> float:
    """Deliveries a second of the bare loop; one more socket speaks."""
    followers = [await opened(port) for _ in range(sockets)]
    for reader, writer in followers:
        writer.write(frame("hello"))
        await said(reader, b"ready")
    _, speaker = await opened(port)
    started = time.perf_counter()
    tasks = [asyncio.create_task(count(reader, messages)) for reader, _ in followers]
    for number in range(messages):
        speaker.write(frame(f'{{"n":{number},"padding":"{PADDING}{MARK}"}}'))
        if number % 50 == 0:
            await speaker.drain()
    await asyncio.gather(*tasks)
    return sockets * messages / (time.perf_counter() - started)


async def hub_rate(port: int, sockets: int, messages: int) -> float:
    """Deliveries a second of the hub; a thread publishes through Redis."""
    followers = [await opened(port) for _ in range(sockets)]
    for number, (reader, writer) in enumerate(followers):
        writer.write(frame(f'{{"auth":{{"token":"{number}"}}}}'))
        await said(reader, b'"ready"')
        writer.write(frame(f'{{"topic":"{TOPIC}"}}'))
        await said(reader, b'"subscribed"')
    started = time.perf_counter()
    threading.Thread(target=_publish, args=(messages,), daemon=True).start()
    await asyncio.gather(*(count(reader, messages) for reader, _ in followers))
    return sockets * messages / (time.perf_counter() - started)


def _publish(messages: int) -> None:
    for number in range(messages):
        publish(TENANT.id, TOPIC, {"n": number, "padding": PADDING + MARK})


def measured(application: str, sockets: int, messages: int) -> float:
    """The best of three runs against a fresh server."""
    port = free_port()
    process = serve(application, port)
    rate = bare_rate if application == "bare" else hub_rate
    try:
        return max(asyncio.run(rate(port, sockets, messages)) for _ in range(3))
    finally:
        process.terminate()
        process.wait(15)


def run(report: Report) -> None:
    """The bare rate over ours: at most 2, which is half the bare rate."""
    floor = measured("bare", SOCKETS, MESSAGES)
    ours = measured("hub", SOCKETS, MESSAGES)
    name = f"socket fan-out to {SOCKETS}: bare ASGI loop over the hub (deliveries)"
    report.ratio(name, floor, ours, limit=2, unit="/s")
