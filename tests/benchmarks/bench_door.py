"""What the door's middlewares add to a request, without the network: at most 0.15 ms together.

`python -m tests.benchmarks.bench_door`
"""

import os
import statistics
import sys
import time
from types import SimpleNamespace
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atom_project.settings.test")
import django

django.setup()

from django.http import HttpRequest, HttpResponse  # noqa: E402 - Django first
from django.test import RequestFactory  # noqa: E402

from apps.gateway.middleware.door import DoorMiddleware  # noqa: E402
from apps.gateway.middleware.idempotency import IdempotencyMiddleware  # noqa: E402
from apps.gateway.middleware.request import RequestMiddleware  # noqa: E402

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
    request.resolver_match = SimpleNamespace(route="api/v1/data/query")  # type: ignore[assignment]
    return HttpResponse(b"{}", content_type="application/json")


def main() -> int:
    """Print the median of each layer and of all together."""
    factory = RequestFactory()
    body = b'{"sql":"SELECT 1","datasource":"018f2f3e-0000-7000-8000-000000000001"}'

    def request() -> HttpRequest:
        return factory.post("/api/v1/data/query", body, content_type="application/json", **_HEADERS)

    door = DoorMiddleware(answer)

    def through_door(asked: HttpRequest) -> Any:
        return door.process_view(asked, answer, (), {}) or door(asked)

    layers = {
        "nothing": answer,
        "door": through_door,
        "idempotency (no key)": IdempotencyMiddleware(answer),
        "request id, log, metrics": RequestMiddleware(answer),
        "all": RequestMiddleware(lambda asked: through_door(asked)),
    }
    medians = {name: _median(layer, request) for name, layer in layers.items()}
    for name, seconds in medians.items():
        print(f"{name:28} {(seconds - medians['nothing']) * 1e6:8.1f} µs")
    together = (medians["all"] - medians["nothing"]) * 1000
    print(f"together {together:.3f} ms (at most {LIMIT_MS})")
    return 0 if together <= LIMIT_MS else 1


def _median(layer: Any, request: Any) -> float:
    times = []
    for _ in range(ROUNDS):
        asked = request()
        started = time.perf_counter()
        layer(asked)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
