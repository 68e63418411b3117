"""One installation under test: starts users of its servers as real processes and counts what is left of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from atom_project.runtime import embedded, lifeline
from atom_project.runtime.embedded import Servers
from atom_project.runtime.places import CHECKOUT
from atom_project.runtime.server import Status

USER = """
import dataclasses, json, sys
from atom_project.runtime import embedded, places
state = places.state_dir()
print(json.dumps(dataclasses.asdict(embedded.ensure_servers(state))), flush=True)
sys.stdin.read()
if sys.argv[1:] == ["release"]:
    embedded.release(state)
"""
OURS = ("ATOM_", "DJANGO_", "POSTGRES_", "REDIS_", "JWT_", "LOG_", "PORT")


@dataclass
class Installation:
    """A state folder and the processes this test started on it."""

    state: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """A clean environment that points at this installation."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return {**kept, "ATOM_STATE_DIR": str(self.state), "LOG_DIR": str(self.state / "logs")}

    def user(self, *arguments: str) -> tuple[subprocess.Popen[str], Servers]:
        """A process that uses the servers until its input is closed."""
        process = self.python("-c", USER, *arguments)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        return process, Servers(**json.loads(line))

    def python(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """A Python process in the checkout."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            env={**self.environment, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def status(self, part: str) -> Status:
        """What the guardian of the part says; fails when there is none."""
        found = embedded.status(self.state)[part]
        assert found is not None, f"{part} has no guardian"
        return found

    def processes(self) -> list[psutil.Process]:
        """Every living process of this installation: by its environment, or a server in its folder."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.environ().get("ATOM_STATE_DIR") == str(self.state)
                here = str(self.state) in process.cwd() or str(self.state) in " ".join(process.cmdline())
                if (mine or here) and process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def end(self) -> None:
        """Stop what the test left."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        for found in embedded.status(self.state).values():
            if found is not None:
                lifeline.signal_quietly(found.guardian, signal.SIGTERM)
        eventually(lambda: not self.processes(), within=40)


def close(process: subprocess.Popen[str]) -> None:
    """Close the input of a user and wait for its end."""
    process.communicate(timeout=60)


def eventually(is_true: Callable[[], Any], *, within: float) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within
    while not is_true():
        assert time.monotonic() < end, f"not within {within} s"
        time.sleep(0.05)
