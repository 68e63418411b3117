"""Measures the candidates of ADR-006: `python -m tests.benchmarks.server_pair.measure`.

Needs gunicorn, granian and a2wsgi beside the requirements; candidates that are not installed are left out.
"""

import importlib.util
import multiprocessing
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SITE = "tests.benchmarks.server_pair.site"
REQUEST = b"GET /bare HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=abcdefghij; csrftoken=abcdefgh\r\n\r\n"
UPGRADE = (
    b"GET /s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SEQUENTIAL, CLIENTS, EACH = 2000, 8, 500
FRAMES = 50_000 * 203  # 200 letters and a header of three to four bytes

UVICORN = ("uvicorn", "--no-access-log", "--log-level", "critical", "--loop", "uvloop", "--http", "httptools")
SANSIO = ("--ws", "websockets-sansio", "--ws-per-message-deflate", "false")
GRANIAN = ("granian", "--workers", "1", "--no-access-log", "--log-level", "critical", "--host", "127.0.0.1")
CANDIDATES: dict[str, tuple[str, ...]] = {
    "granian WSGI (no sockets: the floor)": (
        *GRANIAN,
        "--interface",
        "wsgi",
        "--blocking-threads",
        "16",
        f"{SITE}:wsgi",
    ),
    "gunicorn gthread (no sockets)": (
        "gunicorn",
        "-k",
        "gthread",
        "--threads",
        "16",
        "--keep-alive",
        "60",
        f"{SITE}:wsgi",
    ),
    "uvicorn, Django's ASGI handler": (*UVICORN, *SANSIO, f"{SITE}:stock"),
    "uvicorn, a2wsgi": (*UVICORN, *SANSIO, "--factory", f"{SITE}:adapted"),
    "granian ASGI, a2wsgi": (*GRANIAN, "--interface", "asgi", "--loop", "uvloop", "--factory", f"{SITE}:adapted"),
    "granian ASGI, our bridge": (*GRANIAN, "--interface", "asgi", "--loop", "uvloop", f"{SITE}:bridged"),
    "uvicorn, our bridge": (*UVICORN, *SANSIO, f"{SITE}:bridged"),
}


def main() -> None:
    """One line per candidate."""
    print(f"{'candidate':<40}{'median':>9}{'p95':>9}{'8 at once':>11}{'p95':>9}{'req/s':>8}{'MB/s':>7}{'frames/s':>10}")
    for place, (name, command) in enumerate(CANDIDATES.items()):
        needed = [command[0], *(["a2wsgi"] if "a2wsgi" in name else [])]
        if all(importlib.util.find_spec(module) for module in needed):
            _measure(name, command, 24_100 + place)


def _measure(name: str, command: tuple[str, ...], port: int) -> None:
    bind = ("--bind", f"127.0.0.1:{port}") if command[0] == "gunicorn" else ("--port", str(port))
    program = str(Path(sys.executable).parent / command[0])
    server = subprocess.Popen([program, *bind, *command[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        _ask(port, 300)
        alone = _ask(port, SEQUENTIAL)
        together, rate = _together(port)
        streaming = 131 / _timed(lambda: _drain(port, b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", 131_072_000))
        frames = "" if "no sockets" in name else f"{50_000 / _timed(lambda: _drain(port, UPGRADE, FRAMES)):>10.0f}"
        print(
            f"{name:<40}{_us(statistics.median(alone))}{_us(_p95(alone))}{_us(statistics.median(together)):>11}"
            f"{_us(_p95(together))}{rate:>8.0f}{streaming:>7.0f}{frames}",
            flush=True,
        )
    finally:
        server.terminate()
        server.wait(20)


def _ask(port: int, count: int) -> list[float]:
    times = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            began = time.perf_counter()
            connection.sendall(REQUEST)
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(65536)
            times.append(time.perf_counter() - began)
    return times


def _together(port: int) -> tuple[list[float], float]:
    with multiprocessing.get_context("fork").Pool(CLIENTS) as pool:
        began = time.perf_counter()
        times = [moment for some in pool.starmap(_ask, [(port, EACH)] * CLIENTS) for moment in some]
        return times, CLIENTS * EACH / (time.perf_counter() - began)


def _drain(port: int, request: bytes, size: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        while size > 0 and (piece := connection.recv(1 << 20)):
            size -= len(piece)


def _timed(action: Callable[[], None]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _await(port: int) -> None:
    for _ in range(200):
        try:
            _ask(port, 1)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the server did not start")


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:>6.0f} µs"


if __name__ == "__main__":
    main()
