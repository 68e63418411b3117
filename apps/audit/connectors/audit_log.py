"""The append-only file `audit.log`: JSON lines of all chains, each entry once, also after a kill at any point.

One writer at a time. The order of a write is: lines, position of the chain, length of the file; all synced. What lies
behind the noted length was written by a process that died before it could say so: its lines are counted, not
repeated, and half a line is taken off. Rotation renames the file, here by size or from outside.
"""

import fcntl
import os
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from apps.core import clock
from apps.core.logging import log_folder
from atom_project.config import config

MAX_BYTES: Final = 256 * 1024 * 1024


class AuditLog:
    """The file and the positions of the chains in it, held by one process inside the `with` block."""

    def __init__(self) -> None:
        self._path = log_folder(config.log_dir, config.state_dir) / "audit.log"
        self._state = config.state_dir / "audit-relay"
        self._state.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "AuditLog":
        self._lock = os.open(self._state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
        self._count_what_was_not_noted()
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._file)
        os.close(self._lock)

    def position(self, chain: str) -> int:
        """Number of the last entry of a chain that is in the file."""
        try:
            return int((self._state / chain).read_text() or 0)
        except FileNotFoundError:
            return 0

    def append(self, chain: str, last: int, lines: list[bytes]) -> None:
        """Write whole lines, the last of them of entry `last`; durable when it returns."""
        self._rotate()
        _write_all(self._file, b"".join(lines))
        os.fsync(self._file)
        _replace(self._state / chain, str(last))
        self._note_length()

    def _rotate(self) -> None:
        if os.fstat(self._file).st_size < MAX_BYTES:
            return
        os.close(self._file)
        self._path.rename(self._path.with_name(f"audit-{clock.now():%Y%m%dT%H%M%S%f}.log"))
        self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)

    def _note_length(self) -> None:
        found = os.fstat(self._file)
        _replace(self._state / "length", f"{found.st_ino} {found.st_size}")

    def _count_what_was_not_noted(self) -> None:
        found = os.fstat(self._file)
        noted = self._noted(found.st_ino)
        start = noted if noted <= found.st_size else 0
        rest = _read(self._file, start, found.st_size - start)
        whole = rest[: rest.rfind(b"\n") + 1]
        if len(whole) != len(rest):
            os.ftruncate(self._file, start + len(whole))
        for line in whole.splitlines():
            self._count(line)
        self._note_length()

    def _noted(self, inode: int) -> int:
        try:
            noted_inode, length = (self._state / "length").read_text().split()
        except (FileNotFoundError, ValueError):
            return 0
        return int(length) if int(noted_inode) == inode else 0

    def _count(self, line: bytes) -> None:
        try:
            fields = orjson.loads(line)
            chain = UUID(fields["tenant"]).hex if fields["tenant"] else "platform"
            seq = int(fields["seq"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return  # not a line of ours; the file is append-only, so it stays
        if seq > self.position(chain):
            _replace(self._state / chain, str(seq))


def _read(descriptor: int, start: int, length: int) -> bytes:
    return os.pread(descriptor, length, start) if length else b""


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _replace(path: Path, text: str) -> None:
    """Write `text` so that a reader finds the old or the new, never half of it."""
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
