"""File locks that the kernel releases when a process dies, however it dies."""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(slots=True)
class FileLock:
    """One flock on one file. Shared: many holders at once; exclusive: alone."""

    path: Path
    _descriptor: int | None = None

    def share(self, patience: float) -> bool:
        """Hold the lock together with others; False when an exclusive holder stays longer than `patience`."""
        return self._take(fcntl.LOCK_SH, patience)

    def own(self, patience: float = 0) -> bool:
        """Hold the lock alone; False when somebody else holds it longer than `patience`."""
        return self._take(fcntl.LOCK_EX, patience)

    def release(self) -> None:
        """Let go; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def survive_exec(self) -> None:
        """Keep the lock when this process becomes another program."""
        if self._descriptor is not None:
            os.set_inheritable(self._descriptor, True)

    @property
    def is_held(self) -> bool:
        """Whether this object holds it."""
        return self._descriptor is not None

    def _take(self, kind: int, patience: float) -> bool:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= end:
                    os.close(descriptor)
                    return False
                time.sleep(0.02)
            else:
                self.release()
                self._descriptor = descriptor
                return True


def is_taken(path: Path) -> bool:
    """Whether some process holds the lock alone right now."""
    with FileLock(path) as probe:
        return not probe.share(0)


def is_used(path: Path) -> bool:
    """Whether some process holds the lock, shared or alone; a guardian's look at it does not count."""
    with FileLock(path) as probe:
        return not probe.own(patience=0.1)
