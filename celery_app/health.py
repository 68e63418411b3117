"""Health and Prometheus metrics of a process without a web server, on its own METRICS_PORT (0: none)."""

import json
import os
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from atom_project.config import config

HealthCheck = Callable[[], tuple[bool, dict[str, object]]]


def serve(check: HealthCheck, *, port: int | None = None) -> ThreadingHTTPServer | None:
    """Answer `/health` and `/metrics` from a daemon thread; None when no port is configured."""
    chosen = config.metrics_port if port is None else port
    if not chosen:
        return None
    address = "127.0.0.1" if config.profile != "production" else "0.0.0.0"  # noqa: S104 - probes come from outside the pod
    server = ThreadingHTTPServer((address, chosen), _handler(check))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server


def _handler(check: HealthCheck) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, generate_latest(_registry()), CONTENT_TYPE_LATEST)
            elif self.path in ("/health", "/ready"):
                ok, detail = check()
                body = json.dumps({"status": "ok" if ok else "unhealthy", **detail}).encode()
                self._answer(200 if ok else 503, body, "application/json")
            else:
                self._answer(404, b"", "text/plain")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Probes come every few seconds; they are not logged."""

        def _answer(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _registry() -> CollectorRegistry:
    """This process's metrics, or those of all forked children in the multiprocess mode."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
