"""How long a start takes, from the command to the served page: the first with its demo data, and the second."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from atom_project.runtime import ports
from atom_project.runtime.places import CHECKOUT
from tests.benchmarks.report import Report

OURS = ("ATOM_", "DJANGO_", "POSTGRES_", "REDIS_", "JWT_", "LOG_", "PORT")
SECOND_START_LIMIT_S = 8.0


def run(report: Report) -> None:
    """Both starts in an installation of their own."""
    folder = Path(tempfile.mkdtemp(prefix="atom start "))
    folder.chmod(0o711)
    port = ports.choose()
    try:
        report.figure("first start to a served page (packages installed)", _start(folder, port), "s")
        report.figure("second start to a served page", _start(folder, port), "s", limit=SECOND_START_LIMIT_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, port: int) -> float:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    own = {"ATOM_STATE_DIR": str(folder / "state"), "LOG_DIR": str(folder / "logs"), "PORT": str(port)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "atom_project.runtime", "run"],
        cwd=CHECKOUT,
        env={**kept, **own},
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _serves(port):
            if process.poll() is not None:
                raise SystemExit("the start failed")
            time.sleep(0.02)
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _serves(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/login")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
