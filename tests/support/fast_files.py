"""A folder in memory for all that suites write, on a machine that has one with room.

Each tenant is a database of some 300 files: making them on a disk's file system is a twentieth of a run (ADR 013).
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

import psutil

MEMORY: Final = Path("/dev/shm")
ROOM_BYTES: Final = 4 << 30
SPARE_BYTES: Final = 8 << 30


def has_room() -> bool:
    """Whether programs may run from there and a suite's data fits, with memory left for the suite itself."""
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK)):
        return False
    found = os.statvfs(MEMORY)
    room = found.f_bavail * found.f_frsize
    return not found.f_flag & os.ST_NOEXEC and room > ROOM_BYTES and psutil.virtual_memory().available > SPARE_BYTES


def folder(of: Path) -> Path:
    """The folder in memory that stands for `of`; made when missing. Raises PermissionError when it is not ours."""
    made = MEMORY / f"atom-{hashlib.sha256(str(of).encode()).hexdigest()[:12]}"
    made.mkdir(mode=0o711, exist_ok=True)
    if made.stat().st_uid != os.geteuid():
        raise PermissionError(f"{made} belongs to somebody else.")
    return made


def use_for_temporary_files() -> None:
    """Let the temporary files of this process, and of those it starts, lie there."""
    if has_room():
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
