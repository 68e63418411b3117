"""A small pooler in transaction mode: clients come and go, each transaction gets whichever server session is idle.

It speaks the simple and the extended protocol by passing messages on until ReadyForQuery, and looks only at its status
byte: `I` (idle) gives the session back. `shared=False` gives each client a session of its own, as a proxy would.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import psycopg


class _Server:
    """One real session, logged in by psycopg (whose socket we then use ourselves)."""

    def __init__(self, dsn: str) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True)
        self.socket = socket.socket(fileno=self._connection.fileno())
        self.socket.setblocking(True)

    def close(self) -> None:
        self.socket.detach()
        self._connection.close()


class Pooler:
    """Listens on loopback; `size` server sessions for all clients."""

    def __init__(self, dsn: str, *, size: int = 2, shared: bool = True) -> None:
        self._idle = [_Server(dsn) for _ in range(size)]
        self._all = list(self._idle)
        self._shared = shared
        self._free = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        parts = psycopg.conninfo.conninfo_to_dict(dsn)
        port = self._listener.getsockname()[1]
        self.dsn = psycopg.conninfo.make_conninfo(
            "", host="127.0.0.1", port=port, user=parts["user"], dbname=parts["dbname"], sslmode="disable",
            gssencmode="disable",
        )  # fmt: skip

    def __enter__(self) -> "Pooler":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=5)
        for server in self._all:
            server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, self._session() as kept:
            _greet(client)
            server = kept
            while message := _read(client):
                if message[:1] == b"X":
                    break
                server = server or self._take()
                server.socket.sendall(message)
                if message[:1] in b"QS" and _answer(server.socket, client) == b"I" and kept is None:
                    self._give_back(server)
                    server = None

    @contextmanager
    def _session(self) -> Iterator[_Server | None]:
        if self._shared:
            yield None
            return
        server = self._take()
        try:
            yield server
        finally:
            self._give_back(server)

    def _take(self) -> _Server:
        with self._free:
            self._free.wait_for(lambda: bool(self._idle), timeout=10)
            return self._idle.pop()  # the last one given back, as poolers do

    def _give_back(self, server: _Server) -> None:
        with self._free:
            self._idle.append(server)
            self._free.notify()


def _greet(client: socket.socket) -> None:
    """AuthenticationOk, the few settings a client insists on, ReadyForQuery."""
    (length,) = struct.unpack("!i", _exactly(client, 4))
    _exactly(client, length - 4)
    settings = {"server_version": "18.0", "client_encoding": "UTF8", "standard_conforming_strings": "on"}
    said = b"".join(_message(b"S", f"{name}\0{value}\0".encode()) for name, value in settings.items())
    client.sendall(_message(b"R", struct.pack("!i", 0)) + said + _message(b"Z", b"I"))


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _answer(server: socket.socket, client: socket.socket) -> bytes:
    """Pass on what the server says until it is ready; its transaction status."""
    while message := _read(server):
        client.sendall(message)
        if message[:1] == b"Z":
            return message[5:6]
    raise ConnectionError("the server has gone")


def _read(source: socket.socket) -> bytes:
    try:
        head = _exactly(source, 5)
    except ConnectionError:
        return b""
    (length,) = struct.unpack("!i", head[1:])
    return head + _exactly(source, length - 4)


def _exactly(source: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = source.recv(size - len(found))
        if not part:
            raise ConnectionError("closed")
        found += part
    return found
