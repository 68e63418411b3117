"""What the door measures. Routes are patterns, never raw paths, so the number of series stays bounded."""

from functools import cache
from typing import Any, Final

from prometheus_client import Counter, Histogram

_LATENCY: Final = Histogram(
    "atom_http_request_seconds",
    "Time to answer a request, by route.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
)
_SIMULATED: Final = Counter("atom_simulated_responses_total", "Answers that a stand-in served.", ["route", "component"])
_REFUSED: Final = Counter("atom_door_refusals_total", "Requests refused at the door, by reason.", ["reason"])


@cache
def _latency(method: str, route: str, status: int) -> Any:
    return _LATENCY.labels(method, route, str(status))


def answered(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer."""
    _latency(method, route, status).observe(seconds)


def simulated(route: str, components: set[str]) -> None:
    """Count an answer that stand-ins served."""
    for component in components:
        _SIMULATED.labels(route, component).inc()


def refused(reason: str) -> None:
    """Count a request that the door refused."""
    _REFUSED.labels(reason).inc()
