"""The process of the datasource workers: becomes `manage.py run_sources`, which holds the leases.

Where that command is not part of the installation yet, it serves health and metrics and says that it holds none.
"""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import generate_latest

from atom_project.runtime import places, ports
from atom_project.runtime.wakeup import Wakeup

COMMAND = places.CHECKOUT / "apps/datasources/management/commands/run_sources.py"


def main() -> int:
    """Become the command, or wait for SIGTERM with an answer on METRICS_PORT."""
    os.environ["ATOM_PROCESS"] = "sources"
    if COMMAND.exists():
        os.chdir(places.CHECKOUT)
        os.execv(sys.executable, [sys.executable, "manage.py", "run_sources"])  # noqa: S606
    return _idle()


def _idle() -> int:
    wakeup = Wakeup(stop_on=(signal.SIGTERM, signal.SIGINT))
    port = int(os.environ.get("METRICS_PORT") or 0)
    if port:
        server = ThreadingHTTPServer((ports.LOOPBACK, port), _Health)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    while not wakeup.stopping:
        wakeup.wait(60)
    return 0


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """`/metrics`, and `/health` for every other path."""
        metrics = self.path == "/metrics"
        body = generate_latest() if metrics else json.dumps({"status": "ok", "leases": 0}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4" if metrics else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Probes are not logged."""


if __name__ == "__main__":
    sys.exit(main())
