"""`make run`: servers, release, processes; restarts what dies, and leaves no process behind when it ends."""

import hashlib
import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from atom_project.runtime import embedded, environment, lifeline, places, ports, web
from atom_project.runtime.child import Child, describe
from atom_project.runtime.errors import StartError
from atom_project.runtime.processes import PROCESSES
from atom_project.runtime.wakeup import Wakeup

RELEASE = (sys.executable, "-m", "atom_project.release")
SERVED_WITHIN = 60.0
FIRST_METRICS_PORT = 9101
BAD_CONFIGURATION = 2  # the exit status of a process whose environment does not validate
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOGINS = (
    ("alice@acme.test", "admin of Acme"),
    ("bob@acme.test", "member of Acme"),
    ("carol@acme.test", "viewer of Acme"),
    ("mallory@globex.test", "admin of Globex"),
    ("operator@atom.test", "operator, in Django admin at /admin/"),
)


class Supervisor:
    """One installation on one machine."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._wakeup = Wakeup(stop_on=STOP_SIGNALS, wake_on=(signal.SIGCHLD,))
        self._port = ports.public()
        self._state = places.state_dir()
        self._children: list[Child] = []
        self._release: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Start everything, keep it running until told to stop; the exit code."""
        web.listen(web.host(), self._port).close()
        try:
            variables = self._variables()
            self._start(variables)
            self._watch()
        except Stopped:
            pass
        finally:
            self._stop()
        return 0

    def _variables(self) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if value}
        if given.get("ATOM_PROFILE") != "production":
            given |= environment.complete(given)
        given["PORT"] = str(self._port)
        return given

    def _start(self, variables: dict[str, str]) -> None:
        """The page first: on a small machine every other start would slow it."""
        logs = places.log_dir(self._state)
        fingerprint, record = _fingerprint(variables), self._state / "run" / "released"
        released = record.exists() and record.read_text() == fingerprint
        if not released:
            self._run_release(variables)
            record.write_text(fingerprint)
        self._children = self._make_children(variables, logs)
        self._children[0].start()
        self._await_page()
        self._greet(variables, logs)
        for child in self._children[1:]:
            child.start()
        if released:  # confirms what the fingerprint says, beside the work
            with (logs / "release.out").open("ab") as output:
                self._run_release(variables, output)

    def _make_children(self, variables: dict[str, str], logs: Path) -> list[Child]:
        metrics = _metrics_ports()
        told = ",".join(f"{name}=http://{ports.LOOPBACK}:{port}" for name, port in metrics.items())
        common = {**variables, "ATOM_METRICS_ADDRESSES": told}
        return [
            Child(process, {**common, "METRICS_PORT": str(metrics.get(process.name, 0))}, logs, self._state)
            for process in PROCESSES
        ]

    def _run_release(self, variables: dict[str, str], output: IO[bytes] | None = None) -> None:
        self._release = subprocess.Popen(
            RELEASE,
            env={**variables, "ATOM_PROCESS": "release"},
            cwd=places.CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            preexec_fn=lifeline.child_of(os.getpid(), signal.SIGTERM),  # noqa: PLW1509 (one thread)
            start_new_session=True,
        )
        while self._release.poll() is None:
            self._sleep(0.2)
            self._restart_dead()
        if self._release.returncode != 0:
            raise StartError("The start ended: the step above failed.")

    def _await_page(self) -> None:
        end = time.monotonic() + SERVED_WITHIN
        while not _is_served(self._port):
            self._restart_dead()
            if time.monotonic() > end:
                print(f"No page after {SERVED_WITHIN:.0f} s; the end of {self._children[0].output}:")
                print(self._children[0].last_lines())
                end = float("inf")
            self._sleep(0.05)

    def _watch(self) -> None:
        while True:
            self._sleep(0.5)
            self._restart_dead()

    def _restart_dead(self) -> None:
        for child in self._children:
            code = child.reap()
            if code == BAD_CONFIGURATION:  # would be as bad the next time
                raise StartError(child.last_lines(1))
            if code is not None:
                assert child.restart_at is not None
                pause = child.restart_at - time.monotonic()
                print(f"{child.process.name} {describe(code)}; starts again in {pause:.1f} s. {child.output}:")
                print(child.last_lines())
            if child.is_due:
                child.start()

    def _sleep(self, seconds: float) -> None:
        if not self._wakeup.stopping:
            self._wakeup.wait(seconds)
        if self._wakeup.stopping:
            raise Stopped

    def _stop(self) -> None:
        """Reverse order of the start, all asked at once; a second Ctrl-C does not wait."""
        if self._children:
            print("\nStopping …", flush=True)
        began = time.monotonic()
        self._wakeup.stopping = False
        for child in reversed(self._children):
            child.ask_to_stop()
        for child in reversed(self._children):
            patience = 0.0 if self._wakeup.stopping else began + child.process.stop_within - time.monotonic()
            if not child.finish(patience):
                print(f"{child.process.name} did not stop in time and was killed")
            child.clear()
        if self._release is not None and self._release.poll() is None:
            lifeline.stop_group(self._release.pid, signal.SIGTERM, patience=5)
            self._release.wait()
        embedded.release(self._state)

    def _greet(self, variables: dict[str, str], logs: Path) -> None:
        address = variables.get("PUBLIC_BASE_URL") or f"http://{web.host()}:{self._port}"
        print(f"\nATOM is ready at {address}  (in {time.monotonic() - self._began:.1f} s)\n")
        if variables.get("ATOM_PROFILE") != "production":
            for name, role in LOGINS:
                print(f"  {name:<22} {role}")
            print(f"  password for all       {variables['ATOM_DEMO_PASSWORD']}\n")
        print(f"Logs: {logs}   State: {self._state}   Ctrl-C stops everything.", flush=True)


class Stopped(Exception):
    """A stop was asked for."""


def _is_served(port: int) -> bool:
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/health", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _metrics_ports() -> dict[str, int]:
    """A port for every process without a web server."""
    chosen: dict[str, int] = {}
    for place, process in enumerate(PROCESSES[1:]):
        chosen[process.name] = ports.choose(FIRST_METRICS_PORT + place, besides=chosen.values())
    return chosen


def _fingerprint(variables: dict[str, str]) -> str:
    """Changes whenever the release could have something to do."""
    digest = hashlib.sha256(variables.get("POSTGRES_DSN", "").encode())
    folders = ("migrations", "apps", "atom_project", "static/dist")
    paths = [path for folder in folders for path in (places.CHECKOUT / folder).rglob("*") if path.is_file()]
    for path in sorted(path for path in paths if path.suffix != ".pyc"):
        stat = path.stat()
        digest.update(f"{path}:{stat.st_size}:{stat.st_mtime_ns}".encode())
    return digest.hexdigest()
