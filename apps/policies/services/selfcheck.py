"""Whether real execution is open: the flag of the environment, a passed self-check of this code version, a cut-over.

Fails closed. Nothing that serves requests can write what is read here: rows of `GateCheck` are the owner's alone.
"""

import time
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from apps.core.components import Health, Mode
from apps.core.db import prepared
from apps.core.tenant import entered
from apps.policies.contracts import ExecutionRequest, Finding, Outcome
from apps.policies.services import codeversion
from apps.tenancy.models import GateCheck
from atom_project.config import config

_SECONDS: Final = 5.0
_ADMIN: Final = "admin"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One part of a check."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class _Facts:
    checked: bool
    cut_over: bool
    is_production: bool


_facts: dict[tuple[UUID | None, str], tuple[float, _Facts]] = {}


def closed_because(request: ExecutionRequest) -> Finding | None:
    """Why a live warehouse or a foreign Postgres may not be touched now; None when it may."""
    if not config.real_execution:
        return _closed("Real execution is switched off.", "An operator sets ALLOW_REAL_QUERY_EXECUTION=true.")
    facts = _known(request.actor.tenant.id if request.actor.tenant else None, request.connector)
    if not facts.checked:
        return _closed(
            "The gate's self-check is not PASS for this version.", "An operator runs manage.py gate_selfcheck."
        )
    if facts.is_production and not facts.cut_over:
        return _closed(
            f"No cut-over check has passed for {request.connector} yet.",
            "An operator runs manage.py cutover_check on a tenant that is not production.",
        )
    return None


def record(kind: str, results: list[CheckResult], *, connector: str = "", tenant_slug: str = "") -> GateCheck:
    """Store the outcome for this code version; needs POSTGRES_ADMIN_DSN."""
    with entered(None):
        row = GateCheck.objects.using(_ADMIN).create(
            kind=kind, code_version=codeversion.current(), connector=connector, tenant_slug=tenant_slug,
            passed=bool(results) and all(each.passed for each in results), details=[asdict(each) for each in results],
        )  # fmt: skip
    forget()
    return row


def newest(kind: str) -> tuple[str, bool, datetime] | None:
    """Code version, outcome and time of the last check of that kind."""
    with entered(None):
        rows = GateCheck.objects.filter(kind=kind).order_by("-created_at")
        return rows.values_list("code_version", "passed", "created_at").first()


def health() -> Health:
    """The real-query gate as a part of the installation."""
    if not config.real_execution:
        return Health(
            Mode.BLOCKED, ok=True, detail="real execution is switched off", policy="BLOCKED (P3)",
            remedy="Set ALLOW_REAL_QUERY_EXECUTION=true, then run manage.py gate_selfcheck and cutover_check.",
        )  # fmt: skip
    last, version = newest(GateCheck.SELFCHECK), codeversion.current()
    if last is None or last[0] != version or not last[1]:
        said = "never ran" if last is None else ("FAILED" if last[0] == version else "is of another version")
        return Health(
            Mode.BLOCKED, ok=False, detail=f"the gate's self-check {said} (this is {version[:12]})",
            policy="BLOCKED (P3)", remedy="Run manage.py gate_selfcheck.",
        )  # fmt: skip
    smoke = newest(GateCheck.CUTOVER)
    done = f"cut-over check {'PASS' if smoke[1] else 'FAIL'} {smoke[2]:%Y-%m-%d}" if smoke else "no cut-over check yet"
    remedy = "" if smoke and smoke[1] else "Run manage.py cutover_check --tenant SLUG; production tenants wait for it."
    return Health(Mode.LIVE, ok=True, detail=f"self-check PASS for {version[:12]}; {done}", remedy=remedy)


def forget() -> None:
    """Drop what this process remembers."""
    _facts.clear()


def _known(tenant_id: UUID | None, connector: str) -> _Facts:
    key, now = (tenant_id, connector), time.monotonic()
    cached = _facts.get(key)
    if cached and now - cached[0] < _SECONDS:
        return cached[1]
    row = prepared.fetch_one(_FACTS, [codeversion.current(), connector, tenant_id])
    facts = _Facts(*row) if row else _Facts(checked=False, cut_over=False, is_production=True)
    _facts[key] = (now, facts)
    return facts


# The newest run of each kind counts, so that a later FAIL closes again.
_FACTS: Final = """
SELECT coalesce((SELECT passed FROM public.tenancy_gatecheck WHERE kind = 'selfcheck' AND code_version = %s
                  ORDER BY created_at DESC LIMIT 1), false),
       coalesce((SELECT passed FROM public.tenancy_gatecheck WHERE kind = 'cutover' AND connector = %s
                  ORDER BY created_at DESC LIMIT 1), false),
       coalesce((SELECT is_production FROM public.tenancy_tenant WHERE id = %s), true)
"""


def _closed(message: str, remedy: str) -> Finding:
    return Finding("real_execution", Outcome.BLOCK, message, remedy)
