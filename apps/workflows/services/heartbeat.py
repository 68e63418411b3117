"""Keeps the lease of a running step alive from a thread of its own, and hears when the run is to stop."""

import contextvars
import threading
from types import TracebackType

import structlog
from django.db import Error as DatabaseError
from django.db import connections

from apps.workflows.contracts import CancelHook
from apps.workflows.services import claims

INTERVAL_S = 4.0
log = structlog.get_logger(__name__)


class Heartbeat:
    """A context manager around the work on one step."""

    def __init__(self, claim: claims.Claim) -> None:
        self.claim = claim
        self.cancelled = threading.Event()
        self.lost = threading.Event()
        self._done = threading.Event()
        self._hooks: list[CancelHook] = []
        self._interval = INTERVAL_S
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._beat,), name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join(timeout=5)

    def on_cancel(self, hook: CancelHook) -> None:
        """Call `hook` once when the run is cancelled; from now on that is looked for every second."""
        self._hooks.append(hook)
        self._interval = 1.0

    def _beat(self) -> None:
        try:
            while not self._done.wait(self._interval):
                self._renew()
                if self.lost.is_set():
                    return
        finally:
            connections.close_all()

    def _renew(self) -> None:
        try:
            renewal = claims.renew(self.claim)
        except DatabaseError as error:
            log.warning("workflow.heartbeat_failed", run_id=str(self.claim.run.id), error=type(error).__name__)
            return
        if not renewal.held:
            self.lost.set()
        if renewal.cancelled and not self.cancelled.is_set():
            self.cancelled.set()
            self._call_hooks()

    def _call_hooks(self) -> None:
        for hook in self._hooks:
            try:
                hook()
            except Exception:
                # A process edge: a hook that fails must not end the heartbeat.
                log.exception("workflow.cancel_hook_failed", run_id=str(self.claim.run.id))
