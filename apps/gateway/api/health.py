"""`/health`, `/ready` and `/metrics`: for orchestrators and Prometheus, without a login."""

import hmac
import os
from dataclasses import asdict
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from apps.core.errors import Unauthorised
from apps.gateway.contracts import ComponentState
from apps.gateway.selectors import readiness
from atom_project.config import Profile, config


@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """That this process answers; touches nothing else."""
    return _json({"status": "ok", "env": config.env})


@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Each part with its mode; 503 when a required one is down (stand-ins count, by name)."""
    found = readiness.now()
    body = {
        "status": "ok" if found.ok else "unavailable",
        "env": config.env,
        "at": found.at,
        "components": {state.name: _row(state) for state in found.components},
    }
    return _json(body, status=200 if found.ok else 503)


def _row(state: ComponentState) -> dict[str, Any]:
    row = asdict(state)
    del row["name"]
    return {key: value for key, value in row.items() if value != ""}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format; in production only with the token of METRICS_TOKEN."""
    expected = config.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if (config.profile is Profile.PRODUCTION or expected) and not (expected and hmac.compare_digest(given, expected)):
        raise Unauthorised("Metrics need the metrics token as Bearer.")
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _json(body: dict[str, Any], status: int = 200) -> HttpResponse:
    payload = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return HttpResponse(payload, status=status, content_type="application/json", headers={"Cache-Control": "no-store"})


for _view in (health, ready, metrics):
    setattr(_view, "public", True)  # noqa: B010 - read by the permission matrix test
