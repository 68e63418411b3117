"""Real processes for the tests: a Celery worker and the beat, started and ended by the test that needs them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FLOWS = "tests.integration.workflows.flows"


class Process:
    """A child process in a group of its own, its output in a file."""

    def __init__(self, command: list[str], log: Path, **environment: str) -> None:
        self.log = log
        self.command = command
        self.environment = environment
        self.popen: subprocess.Popen[bytes] | None = None

    def start(self) -> "Process":
        """Start it (again)."""
        output = self.log.open("ab")
        self.popen = subprocess.Popen(
            self.command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True,
            env={**os.environ, **self.environment},
        )  # fmt: skip
        output.close()
        return self

    def kill(self) -> None:
        """SIGKILL to the process and all its children, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """An orderly end."""
        self._end(signal.SIGTERM)

    def children(self) -> list[int]:
        """Process ids of the children."""
        assert self.popen is not None
        path = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def said(self, words: str) -> bool:
        """Whether the log holds these words."""
        return self.log.exists() and words in self.log.read_text(errors="replace")

    def _end(self, how: signal.Signals) -> None:
        if self.popen is None:
            return
        try:
            os.killpg(self.popen.pid, how) if how == signal.SIGKILL else self.popen.send_signal(how)
            self.popen.wait(15)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait(5)
        self.popen = None


def worker(log: Path, *, concurrency: int = 2, **environment: str) -> Process:
    """A Celery worker that knows the flows of the tests."""
    command = [
        *(sys.executable, "-m", "celery", "--app", "celery_app", "worker", "--concurrency", str(concurrency)),
        *("--queues", "interactive,default,retries,maintenance", "--include", FLOWS, "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
    return Process(command, log, ATOM_PROCESS="worker", REMAP_SIGTERM="SIGQUIT", **environment)


def beat(log: Path, **environment: str) -> Process:
    """The beat."""
    return Process([sys.executable, "-m", "celery_app.beat"], log, ATOM_PROCESS="beat", **environment)


@contextmanager
def running(*processes: Process) -> Iterator[None]:
    """Start them, and end whatever of them still lives."""
    try:
        for process in processes:
            process.start()
        yield
    finally:
        for process in processes:
            process.kill() if process.popen and process.popen.poll() is not None else process.stop()


def eventually(condition: Callable[[], object], *, within: float = 90.0, every: float = 0.05) -> None:
    """Wait until the condition holds; fails with its last value."""
    end = time.monotonic() + within
    value = condition()
    while not value:
        assert time.monotonic() < end, f"did not happen within {within:.0f} s: {value!r}"
        time.sleep(every)
        value = condition()
