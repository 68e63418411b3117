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


@dataclass(frozen=True, slots=True)
class RouteFigures:
    """What the running web process measured for one route."""

    route: str
    requests: int
    p95_ms: float


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One of the six policies: how it is enforced, and its measured p95 where one is measured."""

    policy: str
    meaning: str
    enforced_by: str
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An entry of a tenant's trail, without people."""

    tenant: str
    at: datetime
    action: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A verification call and what it answered."""

    call: str
    status: int
    answer: str


@dataclass(frozen=True, slots=True)
class Report:
    """The readiness report."""

    at: datetime
    env: str
    commit: str
    readiness: Readiness
    variables: tuple[tuple[str, bool], ...]
    policies: tuple[PolicyRow, ...]
    routes: tuple[RouteFigures, ...]
    requests_per_second: float | None
    simulated: tuple[tuple[str, str, int], ...]
    studio_modules: tuple[tuple[str, bool], ...]
    audit: tuple[AuditLine, ...]
    summaries: tuple[tuple[str, str], ...]
    samples: tuple[Sample, ...]
