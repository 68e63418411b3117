"""The processes of ATOM, defined once: the supervisor and production start the same commands."""

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Process:
    """One kind of process. `run NAME` becomes it by exec."""

    name: str
    command: tuple[str, ...]
    needs_admin: bool = False  # whether it may hold POSTGRES_ADMIN_DSN
    multiprocess_metrics: bool = False
    stop_signal: int = signal.SIGTERM
    orphan_signal: int = signal.SIGTERM  # what it gets when the supervisor is killed
    stop_within: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


PROCESSES: tuple[Process, ...] = (
    Process("web", _python("-m", "atom_project.runtime", "web")),
    Process(
        "worker",
        _python(
            *("-m", "celery", "--app", "celery_app", "worker"),
            *("--queues", "interactive,default,retries,maintenance"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        needs_admin=True,
        multiprocess_metrics=True,
        # Tasks are given again to the next worker; waiting for them would keep a stopped installation alive.
        environment={"REMAP_SIGTERM": "SIGQUIT", "SPT_NOENV": "1"},  # a title must not overwrite its environment
        stop_within=15.0,
    ),
    Process("beat", _python("-m", "celery_app.beat")),
    Process("sources", _python("-m", "atom_project.runtime.sources")),
)


def named(name: str) -> Process:
    """The process of that name; KeyError when there is none."""
    return {process.name: process for process in PROCESSES}[name]


NAMES = tuple(process.name for process in PROCESSES)
