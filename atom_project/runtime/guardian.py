"""The parent of one embedded server: starts it, restarts it with back-off, ends it when nobody uses it any more.

Users hold a shared file lock; the kernel lets go of it however they die, so no server outlives its last user.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from atom_project.runtime import lifeline, ports
from atom_project.runtime.backoff import Backoff
from atom_project.runtime.errors import StartError
from atom_project.runtime.locks import FileLock
from atom_project.runtime.server import Desk, EmbeddedServer, Status, desk
from atom_project.runtime.wakeup import Wakeup

LINGER = 8.0  # seconds without a user before the server stops, so that one command after another finds it
READY_WITHIN = 90.0
STOP_WITHIN = 30.0
FIRST_START_TRIES = 4
TICK = 0.25


class Guardian:
    """Keeps one server up while it has users."""

    def __init__(self, server: EmbeddedServer, state: Path) -> None:
        self._server = server
        self._desk: Desk = desk(state, server.name)
        self._hold = FileLock(self._desk.hold)
        self._child: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._wakeup = Wakeup(stop_on=(signal.SIGTERM, signal.SIGINT), wake_on=(signal.SIGUSR1,))

    def run(self) -> int:
        """Work until told to stop or unused; the exit code."""
        with FileLock(self._desk.guardian) as single:
            if not single.own(patience=1):
                return 0  # another guardian is at work
            try:
                self._start_first()
                self._watch()
            except StartError as error:
                self._tell("failed", message=str(error))
                return 1
            finally:
                self._end_child()
                if not self._failed():
                    self._tell("stopped")
        return 0

    def _start_first(self) -> None:
        before = self._desk.read()
        self._port = ports.choose(before.port if before else None)
        self._tell("starting")
        self._server.prepare()
        for _ in range(FIRST_START_TRIES):
            if self._start():
                return
            self._port = ports.choose()
        raise StartError(
            f"The embedded {self._server.name} does not start; {self._desk.log} ends:\n{self._desk.log_tail()}"
        )

    def _start(self) -> bool:
        """Start the server and wait until it answers; False when it ended instead."""
        account = self._server.account
        with self._desk.open_log() as log:
            self._child = subprocess.Popen(
                self._server.command(self._port),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._server.home,
                user=account.uid if account.is_other else None,
                group=account.gid if account.is_other else None,
                extra_groups=[] if account.is_other else None,
                preexec_fn=lifeline.child_of(os.getpid(), self._server.stop_signal),  # noqa: PLW1509 (one thread)
                start_new_session=True,
                umask=0o077,
            )
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._child.stdin as stdin:
            stdin.write(self._server.feed(self._port).encode())
        if not self._becomes_ready():
            return False
        self._server.furnish(self._port)
        self._tell("ready")
        return True

    def _becomes_ready(self) -> bool:
        assert self._child is not None
        end = time.monotonic() + READY_WITHIN
        while self._child.poll() is None and time.monotonic() < end and not self._wakeup.stopping:
            if self._server.is_ready(self._port):
                return True
            time.sleep(0.03)
        self._end_child()
        return False

    def _watch(self) -> None:
        backoff = Backoff()
        unused_since: float | None = None
        while not self._wakeup.stopping:
            asked = self._wakeup.wait(TICK)
            if self._child is None or self._child.poll() is not None:
                self._restart(backoff)
            if self._is_unused():
                unused_since = unused_since or time.monotonic()
                if asked or time.monotonic() - unused_since > LINGER:
                    return
                self._hold.release()
            else:
                unused_since = None

    def _restart(self, backoff: Backoff) -> None:
        """On the same port, since its users know that one."""
        self._tell("starting")
        self._wakeup.wait(backoff.next_delay())
        if self._wakeup.stopping:
            return
        self._server.prepare()
        self._start()

    def _is_unused(self) -> bool:
        """Whether nobody holds the server; leaves it held alone by this guardian when so."""
        return not self._desk.pin.exists() and self._hold.own()

    def _end_child(self) -> None:
        if self._child is None or self._child.poll() is not None:
            return
        self._child.send_signal(self._server.stop_signal)
        try:
            self._child.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            print(f"{self._server.name} did not stop within {STOP_WITHIN:.0f} s and is killed", file=sys.stderr)
        lifeline.kill_group(self._child.pid)
        self._child.wait()

    def _failed(self) -> bool:
        status = self._desk.read()
        return status is not None and status.state == "failed"

    def _tell(self, state: str, message: str = "") -> None:
        pid = self._child.pid if self._child is not None else 0
        self._desk.write(Status(state, self._port, pid, os.getpid(), message))
