"""Sleep that a signal ends. Handlers only set flags: an Event set from a handler can deadlock its own waiter."""

import select
import signal
import socket
from collections.abc import Iterable
from types import FrameType


class Wakeup:
    """Collects signals of the main thread; `wait` returns early when one arrives."""

    def __init__(self, stop_on: Iterable[int], wake_on: Iterable[int] = ()) -> None:
        self.stopping = False
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in stop_on:
            signal.signal(number, self._stop)
        for number in wake_on:
            signal.signal(number, _ignore)

    def wait(self, seconds: float) -> bool:
        """Sleep; whether a signal ended it."""
        ready, _, _ = select.select([self._reader], [], [], max(seconds, 0))
        if not ready:
            return False
        while True:
            try:
                self._reader.recv(1024)
            except BlockingIOError:
                return True

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """The wake-up descriptor has it already."""
