"""What the door's middlewares add to a request, without the network: at most 0.15 ms together.

`python -m tests.benchmarks door`
"""

import statistics
import time
from types import SimpleNamespace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from apps.gateway.middleware.door import DoorMiddleware
from apps.gateway.middleware.idempotency import IdempotencyMiddleware
from apps.gateway.middleware.request import RequestMiddleware
from tests.benchmarks.report import Report

LIMIT_MS: Final = 0.15
ROUNDS: Final = 3000
_HEADERS: Final = {
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0",
    "HTTP_AUTHORIZATION": "Bearer " + "x" * 400,
    "HTTP_ACCEPT": "*/*",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
    "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9",
}


def answer(request: HttpRequest) -> HttpResponse:
    """The view: nothing, and one audit entry so that none is added."""
    request.resolver_match = SimpleNamespace(route="api/v1/data/query", kwargs={})  # type: ignore[assignment]
    return HttpResponse(b"{}", content_type="application/json")


def run(report: Report) -> None:
    """The median of each layer and of all together."""
    factory = RequestFactory()
    body = b'{"sql":"SELECT 1","datasource":"018f2f3e-0000-7000-8000-000000000001"}'

    def request() -> HttpRequest:
        return factory.post("/api/v1/data/query", body, content_type="application/json", **_HEADERS)

    door = DoorMiddleware(answer)

    def through_door(asked: HttpRequest) -> Any:
        return door.process_view(asked, answer, (), {}) or door(asked)

    nothing = _median(answer, request)
    layers = {
        "the door: body checks and firewall": through_door,
        "idempotency without a key": IdempotencyMiddleware(answer),
        "the door: request id, access log, metrics": RequestMiddleware(answer),
    }
    for name, layer in layers.items():
        report.figure(name, (_median(layer, request) - nothing) * 1000, "ms")
    together = _median(RequestMiddleware(through_door), request) - nothing
    report.figure("the door together", together * 1000, "ms", limit=LIMIT_MS)


def _median(layer: Any, request: Any) -> float:
    times = []
    for _ in range(ROUNDS):
        asked = request()
        started = time.perf_counter()
        layer(asked)
        times.append(time.perf_counter() - started)
    return statistics.median(times)
