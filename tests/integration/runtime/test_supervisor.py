"""`make run` as a person lives with it: start, kill, stop, start again; no process is ever left behind."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil
import pytest

from atom_project.runtime import ports, processes
from tests.integration.runtime.installation import Installation, eventually

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(400)]
FIRST_START, SECOND_START = 300.0, 60.0  # limits for a busy machine; tests/benchmarks/start_up measures


@dataclass
class Run:
    """One `python -m atom_project.runtime run` and what it printed."""

    installation: Installation
    port: int
    output: list[str] = field(default_factory=list)
    ready_after: float = 0.0
    process: subprocess.Popen[str] | None = None

    def start(self, within: float) -> None:
        """Start and read until the page is served."""
        began = time.monotonic()
        self.process = self.installation.python("-m", "atom_project.runtime", "run", PORT=str(self.port))
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
            if "Ctrl-C stops" in line:
                break
        else:
            errors = self.process.stderr.read() if self.process.stderr else ""
            pytest.fail("".join(self.output) + errors)
        self.ready_after = time.monotonic() - began
        assert self.ready_after < within

    def signal(self, number: int) -> None:
        """Signal the supervisor alone, as a terminal or an operator does."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.communicate(timeout=60)

    def main_of(self, name: str) -> psutil.Process:
        """The main process of a kind: the supervisor's direct child."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            if child.environ().get("ATOM_PROCESS") == name:
                return child
        raise AssertionError(f"{name} does not run")

    def serves(self) -> bool:
        """Whether the page server answers."""
        return _status(self.port, "/health") == 200


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@pytest.fixture(scope="module")
def first(installation: Installation) -> Iterator[Run]:
    run = Run(installation, ports.choose())
    run.start(FIRST_START)
    yield run
    if run.process and run.process.poll() is None:
        run.signal(signal.SIGINT)


def test_the_first_start_prints_the_address_and_the_logins(first: Run) -> None:
    printed = "".join(first.output)
    assert f"http://127.0.0.1:{first.port}" in printed
    for login in ("alice@acme.test", "bob@acme.test", "carol@acme.test", "mallory@globex.test", "operator@atom.test"):
        assert login in printed
    password = (first.installation.state / "demo-password").read_text().strip()
    assert password in printed
    assert _status(first.port, "/login") == 200


def test_it_listens_on_loopback_only(first: Run) -> None:
    listening = [
        c.laddr.ip for p in first.installation.processes() for c in p.net_connections() if c.status == "LISTEN"
    ]
    assert listening
    assert set(listening) <= {"127.0.0.1", "::1"}


def test_web_never_holds_the_owners_address(first: Run) -> None:
    for name in ("web", "beat", "sources"):
        assert "POSTGRES_ADMIN_DSN" not in first.main_of(name).environ()


def test_every_other_process_serves_health_and_metrics(first: Run) -> None:
    for name in processes.NAMES[1:]:
        port = int(first.main_of(name).environ()["METRICS_PORT"])
        eventually(lambda port=port: _status(port, "/health") == 200, within=30)  # type: ignore[misc]
        assert _status(port, "/metrics") == 200


@pytest.mark.parametrize("name", processes.NAMES)
def test_a_process_that_is_killed_comes_back(first: Run, name: str) -> None:
    before = first.main_of(name)
    family = [before, *before.children(recursive=True)]
    before.kill()
    eventually(lambda: _comes_back(first, name, before.pid), within=30)
    eventually(first.serves, within=30)
    eventually(lambda: not any(_lives(process) for process in family), within=10)


def _comes_back(run: Run, name: str, old: int) -> bool:
    try:
        return run.main_of(name).pid != old
    except (AssertionError, psutil.Error):
        return False


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_second_installation_on_the_same_port_says_so(first: Run) -> None:
    second = first.installation.python("-m", "atom_project.runtime", "run", PORT=str(first.port))
    _, errors = second.communicate(timeout=20)
    assert second.returncode == 1
    assert re.fullmatch(rf"Port {first.port} cannot be used .*PORT={first.port + 1} make run\.\n", errors)


def test_ctrl_c_leaves_no_process_and_the_second_start_is_quick_and_has_everything(first: Run) -> None:
    first.signal(signal.SIGINT)
    assert first.process is not None
    assert first.process.returncode == 0
    assert first.installation.processes() == []
    again = Run(first.installation, first.port)
    again.start(SECOND_START)
    print(f"first start {first.ready_after:.1f} s, second start {again.ready_after:.1f} s")
    assert _logs_in(again)
    again.signal(signal.SIGTERM)
    assert first.installation.processes() == []


def _logs_in(run: Run) -> bool:
    password = (run.installation.state / "demo-password").read_text().strip()
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=10)
    body = json.dumps({"username": "alice@acme.test", "password": password})
    connection.request("POST", "/auth/login", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    found = json.loads(answer.read())
    connection.close()
    return answer.status == 200 and found["tenant"] is not None


def test_a_supervisor_that_is_killed_takes_everything_along_and_the_next_start_recovers(first: Run) -> None:
    run = Run(first.installation, first.port)
    run.start(SECOND_START * 2)
    assert run.process is not None
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.communicate(timeout=60)
    eventually(lambda: not first.installation.processes(), within=40)
    again = Run(first.installation, first.port)
    again.start(SECOND_START * 2)
    assert _logs_in(again)
    again.signal(signal.SIGINT)
    assert first.installation.processes() == []


def test_a_bad_value_stops_the_start_with_one_line(first: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = ports.choose(besides=[other.getsockname()[1]])
    run = first.installation.python(
        "-m", "atom_project.runtime", "run", PORT=str(free), ALLOW_REAL_QUERY_EXECUTION="perhaps"
    )
    output, errors = run.communicate(timeout=60)
    assert run.returncode != 0
    assert "ALLOW_REAL_QUERY_EXECUTION" in errors
    assert "Traceback" not in output + errors
