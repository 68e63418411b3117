"""Interrupts statements that run past their deadline, or that somebody cancels: one thread for the whole process."""

import heapq
import itertools
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Interruptible(Protocol):
    """Something whose running statement can be stopped from another thread."""

    def interrupt(self) -> None: ...


class Watch:
    """One statement under watch."""

    __slots__ = ("cancelled", "done", "expired", "target")

    def __init__(self, target: Interruptible) -> None:
        self.target: Interruptible | None = target
        self.done = self.expired = self.cancelled = False

    def stop(self, *, expired: bool) -> None:
        """Interrupt the statement unless it has ended."""
        target = self.target
        if target is not None and not self.done:
            self.expired, self.cancelled = expired, not expired
            target.interrupt()


class Watchdog:
    """Deadlines in a heap; a finished statement's entry is skipped when its time comes."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start anew (after a fork, threads are gone)."""
        self._wake = threading.Condition()
        self._heap: list[tuple[float, int, Watch]] = []
        self._count = itertools.count()
        self._jobs: dict[str, Watch] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, target: Interruptible, seconds: float, job_id: str) -> Iterator[Watch]:
        """Interrupt `target` when the block takes longer than `seconds`; the Watch then says why."""
        watch = Watch(target)
        with self._wake:
            self._compact()
            heapq.heappush(self._heap, (time.monotonic() + seconds, next(self._count), watch))
            self._jobs[job_id] = watch
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sandbox-watchdog", daemon=True)
                self._thread.start()
            elif self._heap[0][2] is watch:
                self._wake.notify()
        try:
            yield watch
        finally:
            watch.done, watch.target = True, None
            self._jobs.pop(job_id, None)

    def _compact(self) -> None:
        """Forget finished statements once they are most of the heap."""
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._jobs):
            self._heap = [entry for entry in self._heap if not entry[2].done]
            heapq.heapify(self._heap)

    def cancel(self, job_id: str) -> bool:
        """Interrupt the statement of that job in this process; False when it does not run here."""
        watch = self._jobs.get(job_id)
        if watch is not None:
            watch.stop(expired=False)
        return watch is not None

    def _run(self) -> None:
        while True:
            with self._wake:
                while self._heap and self._heap[0][2].done:
                    heapq.heappop(self._heap)
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is None or wait > 0:
                    self._wake.wait(wait)
                    continue
                watch = heapq.heappop(self._heap)[2]
            watch.stop(expired=True)


watchdog = Watchdog()
os.register_at_fork(after_in_child=watchdog.reset)
