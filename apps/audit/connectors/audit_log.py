"""The append-only file `audit.log`: JSON lines of all chains, each entry once, also after a kill at any point.

One writer at a time, of all installations that log to the same folder. The order of a write is: lines, position of the
chain, length of the file; all synced. What lies behind the noted length was written by a process that died before it
could say so, or by another installation: its lines are counted, not repeated, and half a line is taken off. Rotation
renames the file, here by size or from outside.
"""

import fcntl
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from apps.core import clock
from apps.core.db import roles
from apps.core.logging import log_folder
from atom_project.config import config

MAX_BYTES: Final = 256 * 1024 * 1024
PLATFORM: Final = "platform"


class AuditLog:
    """The file and the positions of the chains in it, held by one process inside the `with` block."""

    def __init__(self) -> None:
        self._path = log_folder(config.log_dir, config.state_dir) / "audit.log"
        self._state = config.state_dir / "audit-relay"
        self._state.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "AuditLog":
        with ExitStack() as held:
            lock = os.open(self._state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            held.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._file = self._open()
            held.callback(lambda: os.close(self._file))
            self._count_what_was_not_noted()
            self._held = held.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._held.close()

    def _open(self) -> int:
        """The file that has the name now, locked: the state folder's lock keeps no other installation out."""
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
            fcntl.flock(file, fcntl.LOCK_EX)
            if _stands_at(self._path, file):
                return file
            os.close(file)  # it was rotated while we waited

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
        full = self._file
        self._path.rename(self._path.with_name(f"audit-{clock.now():%Y%m%dT%H%M%S%f}.log"))
        self._file = self._open()
        os.close(full)

    def _note_length(self) -> None:
        found = os.fstat(self._file)
        _replace(self._state / "length", f"{found.st_ino} {found.st_size}")

    def _count_what_was_not_noted(self) -> None:
        """One pass and one write a chain, however long the file is that others have left here."""
        found = os.fstat(self._file)
        noted = self._noted(found.st_ino)
        if noted == found.st_size:
            return
        end = noted if noted < found.st_size else 0
        heads: dict[str, int] = {}
        with os.fdopen(os.dup(self._file), "rb") as file:
            file.seek(end)
            for line in file:
                if not line.endswith(b"\n"):
                    os.ftruncate(self._file, end)
                    break
                end += len(line)
                if entry := _entry_of(line):
                    heads[entry[0]] = max(entry[1], heads.get(entry[0], 0))
        for chain, seq in heads.items():
            if seq > self.position(chain):
                _replace(self._state / chain, str(seq))
        self._note_length()

    def _noted(self, inode: int) -> int:
        try:
            noted_inode, length = (self._state / "length").read_text().split()
        except (FileNotFoundError, ValueError):
            return 0
        return int(length) if int(noted_inode) == inode else 0


def _stands_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _entry_of(line: bytes) -> tuple[str, int] | None:
    """Chain and number of the entry in a line; None where it is of no chain of ours: every installation has a platform
    chain, and half a line that others wrote on stays, since the file is append-only."""
    try:
        fields = orjson.loads(line)
        if fields["tenant"] is None and fields["installation"] != roles.prefix():
            return None
        return (UUID(str(fields["tenant"])).hex if fields["tenant"] else PLATFORM), int(fields["seq"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


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
