"""How long to wait before something that died is started again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Doubles from `first` to `longest` seconds; begins anew after `calm` seconds without a death."""

    first: float = 0.2
    longest: float = 20.0
    calm: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _deaths: int = field(default=0, init=False)
    _last: float = field(default=float("-inf"), init=False)

    def next_delay(self) -> float:
        """The wait after one more death."""
        now = self.clock()
        self._deaths = 1 if now - self._last > self.calm else self._deaths + 1
        self._last = now
        return min(self.first * 2.0 ** (self._deaths - 1), self.longest)
