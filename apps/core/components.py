"""Every part the product stands on declares itself here: live, embedded (a stand-in that really works) or blocked.

Apps register while Django starts; `/ready` and the readiness report ask the probes. `answered_by_stand_in` marks the
running request, so that its answer is counted as simulated.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How a part is served."""

    LIVE = "live"
    EMBEDDED = "embedded"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Health:
    """What a probe found. `policy` names why a part is blocked or replaced (`P2`), `remedy` how to end that."""

    mode: Mode
    ok: bool
    detail: str
    policy: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """A part: its probe (dotted path of `() -> Health`) and the environment variables that make it live."""

    name: str
    probe: str | Callable[[], Health]
    required: bool = False
    environment: tuple[str, ...] = ()


_components: dict[str, Component] = {}
_stand_ins: ContextVar[set[str] | None] = ContextVar("stand_ins", default=None)


def register(
    name: str, probe: str | Callable[[], Health], *, required: bool = False, environment: tuple[str, ...] = ()
) -> None:
    """Declare a part; a later declaration by the app that owns the part replaces an earlier one."""
    _components[name] = Component(name, probe, required, environment)


def registered() -> tuple[Component, ...]:
    """All parts, by name."""
    return tuple(_components[name] for name in sorted(_components))


def answered_by_stand_in(component: str) -> None:
    """Say that a stand-in served (part of) the running request; a no-op outside one."""
    used = _stand_ins.get()
    if used is not None:
        used.add(component)


def watch_stand_ins() -> set[str]:
    """Start collecting for the request that begins in this context."""
    used: set[str] = set()
    _stand_ins.set(used)
    return used
