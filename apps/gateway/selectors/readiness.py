"""Ask every registered part how it is: at once, each within its time, and at most once a second."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Final

import structlog
from django.db import connections
from django.utils.module_loading import import_string

from apps.core import clock, components
from apps.core.components import Component, Health, Mode
from apps.gateway.contracts import ComponentState, Readiness

_PROBE_SECONDS: Final = 2.0
_FRESH_SECONDS: Final = 1.0
_pool: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="readiness")
_lock: Final = Lock()
_since: dict[str, tuple[Mode, bool, datetime]] = {}
_last: list[tuple[float, Readiness]] = []
log = structlog.get_logger(__name__)


def now() -> Readiness:
    """Every part, by name."""
    with _lock:
        if _last and time.monotonic() - _last[0][0] < _FRESH_SECONDS:
            return _last[0][1]
        answer = _ask_all()
        _last[:] = [(time.monotonic(), answer)]
        return answer


def _ask_all() -> Readiness:
    end = time.monotonic() + _PROBE_SECONDS
    asked = [(part, _pool.submit(_probe, part)) for part in components.registered()]
    states = tuple(_state(part, _answer(part, future, end)) for part, future in asked)
    return Readiness(all(state.ok for state in states if state.required), clock.now(), states)


def _probe(part: Component) -> Health:
    probe = import_string(part.probe) if isinstance(part.probe, str) else part.probe
    try:
        health: Health = probe()
    finally:
        connections.close_all()
    return health


def _answer(part: Component, future: "Future[Health]", end: float) -> Health:
    try:
        return future.result(timeout=max(0.01, end - time.monotonic()))
    except NotInTime:
        return Health(_last_mode(part), ok=False, detail=f"no answer within {_PROBE_SECONDS:.0f} s")
    except Exception as error:  # noqa: BLE001 - the edge of foreign probes: a failing one is the finding
        log.warning("readiness.probe_failed", component=part.name, error=type(error).__name__)
        return Health(_last_mode(part), ok=False, detail=f"not reachable ({type(error).__name__})")


def _last_mode(part: Component) -> Mode:
    """How the part was served when it last answered."""
    return _since[part.name][0] if part.name in _since else Mode.LIVE


def _state(part: Component, health: Health) -> ComponentState:
    before = _since.get(part.name)
    if before is None or before[:2] != (health.mode, health.ok):
        _since[part.name] = (health.mode, health.ok, clock.now())
    state = ComponentState(
        part.name, part.required, health.mode, health.ok, health.detail, _since[part.name][2], health.policy
    )
    return replace(state, remedy=health.remedy)
