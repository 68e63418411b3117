"""A token bucket: `burst` at once, `rate` a second after that. The caller brings the clock."""


class TokenBucket:
    """How many messages a socket may still send."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, *, rate: float, burst: float, at: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = at

    def take(self, at: float) -> bool:
        """Spend one token at time `at` (seconds, monotonic); False when none is left."""
        self._tokens = min(self._burst, self._tokens + max(0.0, at - self._at) * self._rate)
        self._at = at
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
