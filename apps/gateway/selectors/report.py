"""Collects the readiness report: what each part says now, what the web process has measured, the last entries."""

import os
from collections.abc import Sequence
from typing import Final

from django.urls import get_resolver

from apps.audit.models import Entry
from apps.core import clock, components, tenant
from apps.gateway.connectors import installation
from apps.gateway.contracts import AuditLine, PolicyRow, Report
from apps.gateway.engine import exposition
from apps.gateway.selectors import readiness
from apps.tenancy.selectors import tenants
from atom_project.config import Config, config

_POLICIES: Final = (
    ("P1", "responses redact PII", "apps/policies: redaction of results by the gate's decision"),
    ("P2", "secrets encrypted, artifacts signed", "apps/policies/services/secrets.py, signing.py"),
    ("P3", "destructive statements need dry run and approver", "apps/policies/services/gate.py, approvals.py"),
    ("P4", "every process exposes health and metrics", "/health and /metrics of web, worker, beat, sources"),
    ("P5", "the database keeps tenants apart", "apps/core/db, apps/tenancy/rights.py"),
    ("P6", "p95 at most 1 s for interactive calls", "atom_http_request_seconds"),
)
_STUDIO: Final = {
    "Schema visualizer": "studio/schema",
    "Table grid": "studio/tables",
    "SQL editor": "studio/sql",
    "Roles and row-level security": "studio/roles",
    "Backup and restore": "studio/backups",
    "Query plan": "studio/plan",
    "AI assistant": "studio/assistant",
    "Migrations manager": "studio/migrations",
    "Exports and webhooks": "studio/exports",
}
_ENTRIES: Final = 5


def collect() -> Report:
    """Ask everything; takes a few seconds at most."""
    status, text = installation.ask("/metrics")
    measured = text if status == 200 else ""
    return Report(
        at=clock.now(),
        env=config.env,
        commit=installation.commit(),
        readiness=readiness.now(),
        variables=_variables(),
        policies=_policies(exposition.overall_p95(measured)),
        routes=exposition.routes(measured),
        requests_per_second=_rate(measured),
        simulated=exposition.simulated(measured),
        studio_modules=_studio(),
        audit=_last_entries(),
        summaries=installation.summaries(),
        samples=installation.samples(),
    )


def _policies(interactive_p95: float | None) -> tuple[PolicyRow, ...]:
    measured = {"P6": interactive_p95}
    return tuple(PolicyRow(*row, measured.get(row[0])) for row in _POLICIES)


def _variables() -> tuple[tuple[str, bool], ...]:
    known = {(field.alias or name).upper() for name, field in Config.model_fields.items()}
    named = {variable for part in components.registered() for variable in part.environment}
    return tuple((name, bool(os.environ.get(name))) for name in sorted(known | named))


def _rate(measured: str) -> float | None:
    started = exposition.started_at(measured)
    if started is None:
        return None
    requests = sum(row.requests for row in exposition.routes(measured))
    return requests / max(1.0, clock.now().timestamp() - started)


def _studio() -> tuple[tuple[str, bool], ...]:
    served = _routes(get_resolver().url_patterns, "")
    return tuple((name, any(route.startswith(path) for route in served)) for name, path in _STUDIO.items())


def _routes(patterns: Sequence[object], prefix: str) -> set[str]:
    found: set[str] = set()
    for each in patterns:
        path = prefix + str(getattr(each, "pattern", ""))
        below = getattr(each, "url_patterns", None)
        found |= {path} if below is None else _routes(below, path)
    return found


def _last_entries() -> tuple[AuditLine, ...]:
    lines: list[AuditLine] = []
    for ref in tenants.list_active():
        with tenant.entered(ref):
            rows = Entry.objects.order_by("-seq")[:_ENTRIES]
            lines += [AuditLine(ref.slug, row.at, row.action, row.outcome) for row in rows]
    return tuple(lines)
