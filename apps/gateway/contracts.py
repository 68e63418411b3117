"""Values of the readiness report."""

from dataclasses import dataclass
from datetime import datetime

from apps.core.components import Mode


@dataclass(frozen=True, slots=True)
class ComponentState:
    """One part now: its mode, whether it works, and since when it has been so."""

    name: str
    required: bool
    mode: Mode
    ok: bool
    detail: str
    since: datetime
    policy: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Every part now; `ok` when each required one works."""

    ok: bool
    at: datetime
    components: tuple[ComponentState, ...]
