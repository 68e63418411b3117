"""Reads Prometheus' text format back into the few figures the readiness report shows."""

from collections import defaultdict
from collections.abc import Iterable

from prometheus_client.parser import text_string_to_metric_families

from apps.gateway.contracts import RouteFigures

_LATENCY = "atom_http_request_seconds"


def routes(text: str) -> tuple[RouteFigures, ...]:
    """Requests and p95 (upper bound of its bucket) by route, busiest first."""
    buckets: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for labels, value in _samples(text, _LATENCY, "_bucket"):
        buckets[labels["route"]][float(labels["le"])] += value
    found = [RouteFigures(route, int(max(by.values())), _p95(by) * 1000) for route, by in buckets.items()]
    return tuple(sorted(found, key=lambda row: -row.requests))


def overall_p95(text: str) -> float | None:
    """p95 in milliseconds over all routes; None when nothing was measured."""
    total: dict[float, float] = defaultdict(float)
    for labels, value in _samples(text, _LATENCY, "_bucket"):
        total[float(labels["le"])] += value
    return _p95(total) * 1000 if total else None


def simulated(text: str) -> tuple[tuple[str, str, int], ...]:
    """(route, component, answers) served by stand-ins."""
    rows = _samples(text, "atom_simulated_responses", "_total")
    return tuple(sorted((labels["route"], labels["component"], int(value)) for labels, value in rows))


def started_at(text: str) -> float | None:
    """When the process began, in seconds since 1970."""
    return next((value for _, value in _samples(text, "process_start_time_seconds", "")), None)


def _p95(buckets: dict[float, float]) -> float:
    needed = 0.95 * max(buckets.values())
    finite = [bound for bound in sorted(buckets) if bound != float("inf")]
    return next((bound for bound in finite if buckets[bound] >= needed), finite[-1] if finite else 0.0)


def _samples(text: str, family: str, suffix: str) -> Iterable[tuple[dict[str, str], float]]:
    for metric in text_string_to_metric_families(text):
        if metric.name == family:
            yield from ((each.labels, each.value) for each in metric.samples if each.name == family + suffix)
