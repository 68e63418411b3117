"""Signed heads in files under the state folder: one JSON line an anchor, one file a chain, only ever appended to."""

import fcntl
import os
from pathlib import Path

from atom_project.config import config


class AnchorFiles:
    """The store of an installation without object storage; to be backed up where no database owner can write."""

    def add(self, chain: str, line: bytes) -> None:
        """Append and sync; what a kill left of an unfinished line is taken off first."""
        descriptor = os.open(_file(chain), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                os.ftruncate(descriptor, _end_of_last_line(descriptor, size))
            os.write(descriptor, line + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def lines(self, chain: str) -> list[bytes]:
        """Whole lines, oldest first."""
        path = _file(chain)
        if not path.exists():
            return []
        return [line for line in path.read_bytes().split(b"\n")[:-1] if line]

    def forget(self, chain: str) -> None:
        """Remove the file."""
        _file(chain).unlink(missing_ok=True)


def _end_of_last_line(descriptor: int, size: int) -> int:
    return os.pread(descriptor, size, 0).rfind(b"\n") + 1


def _file(chain: str) -> Path:
    folder = config.state_dir / "audit-anchors"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{chain}.jsonl"
