"""One supervised process: its environment, its output file, its start and its end."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from atom_project.runtime import lifeline, places
from atom_project.runtime.backoff import Backoff
from atom_project.runtime.processes import Process

LARGEST_OUTPUT = 50_000_000


class Child:
    """A process under supervision, started again with growing pauses when it dies."""

    def __init__(self, process: Process, environment: dict[str, str], logs: Path, state: Path) -> None:
        self.process = process
        self.output = logs / f"{process.name}.out"
        self.pid = 0
        self.restart_at: float | None = None
        self._environment = self._own(environment, state)
        self._backoff = Backoff(first=0.5)
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in its own process group; it dies with this process."""
        self.restart_at = None
        self._renew_metrics()
        if self.output.exists() and self.output.stat().st_size > LARGEST_OUTPUT:
            self.output.replace(self.output.with_suffix(".out.1"))
        with self.output.open("ab") as out:
            self._popen = subprocess.Popen(
                self.process.command,
                env=self._environment,
                cwd=places.CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                preexec_fn=lifeline.child_of(os.getpid(), self.process.orphan_signal),  # noqa: PLW1509 (one thread)
                start_new_session=True,
            )
        self.pid = self._popen.pid

    def reap(self) -> int | None:
        """The exit code once it ended; what is left of its group is killed and the restart is planned."""
        if self._popen is None or self._popen.poll() is None:
            return None
        code = self._popen.returncode
        lifeline.kill_group(self.pid)
        self._popen = None
        self.restart_at = time.monotonic() + self._backoff.next_delay()
        return code

    @property
    def is_due(self) -> bool:
        """Whether the pause before its restart is over."""
        return self.restart_at is not None and time.monotonic() >= self.restart_at

    def ask_to_stop(self) -> None:
        """Send its stop signal; `finish` waits."""
        self.restart_at = None
        if self._popen is not None:
            lifeline.signal_quietly(self.pid, self.process.stop_signal)

    def finish(self, patience: float) -> bool:
        """Wait for the end, kill the group afterwards; whether it ended by itself."""
        if self._popen is None:
            return True
        try:
            self._popen.wait(max(patience, 0.01))
            by_itself = True
        except subprocess.TimeoutExpired:
            by_itself = False
        lifeline.kill_group(self.pid)
        self._popen.wait()
        self._popen = None
        return by_itself

    def last_lines(self, count: int = 12) -> str:
        """The end of its output."""
        if not self.output.exists():
            return ""
        with self.output.open("rb") as out:
            out.seek(max(0, self.output.stat().st_size - 8192))
            return "\n".join(out.read().decode(errors="replace").splitlines()[-count:])

    def _own(self, environment: dict[str, str], state: Path) -> dict[str, str]:
        own = {**environment, **self.process.environment, "ATOM_PROCESS": self.process.name, "PYTHONUNBUFFERED": "1"}
        if not self.process.needs_admin:
            own.pop("POSTGRES_ADMIN_DSN", None)
        if self.process.multiprocess_metrics:
            own["PROMETHEUS_MULTIPROC_DIR"] = str(state / "run" / f"metrics-{self.process.name}-{os.getpid()}")
        return own

    def _renew_metrics(self) -> None:
        folder = self._environment.get("PROMETHEUS_MULTIPROC_DIR")
        if folder and self.process.multiprocess_metrics:
            shutil.rmtree(folder, ignore_errors=True)
            Path(folder).mkdir(parents=True)

    def clear(self) -> None:
        """Remove the files only this run needed."""
        folder = self._environment.get("PROMETHEUS_MULTIPROC_DIR")
        if folder and self.process.multiprocess_metrics:
            shutil.rmtree(folder, ignore_errors=True)


def describe(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with status {code}"
