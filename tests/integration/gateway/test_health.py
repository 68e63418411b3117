"""Health, readiness, metrics, and the API's own description."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from django.core.management import call_command

from apps.core.actor import Actor

Api = Callable[[Actor | None], Any]


def test_health_answers_without_a_login_and_says_the_environment(api: Api) -> None:
    response = api(None).get("/health")
    assert (response.status_code, orjson.loads(response.content)) == (200, {"status": "ok", "env": "SIM"})


def test_ready_lists_every_part_with_its_mode_and_since_when(api: Api) -> None:
    response = api(None).get("/ready")
    body = orjson.loads(response.content)
    assert response.status_code == 200, body
    assert {"postgres", "redis", "kafka", "object_storage", "vault", "cosign", "prometheus", "loki"} <= set(
        body["components"]
    )
    for state in body["components"].values():
        assert state["mode"] in ("live", "embedded", "blocked")
        assert {"ok", "detail", "since"} <= set(state)
    assert body["components"]["cosign"]["policy"] == "BLOCKED (P2)"
    assert body["components"]["loki"]["policy"] == "BLOCKED (P4)"
    assert "COSIGN_KEY_PATH" in body["components"]["cosign"]["remedy"]


def test_metrics_count_latency_by_route_pattern(api: Api, alice: Actor) -> None:
    api(alice).get("/api/v1/audit")
    text = api(None).get("/metrics").content.decode()
    assert 'atom_http_request_seconds_count{method="GET",route="api/v1/audit",status="200"}' in text


def test_the_openapi_document_describes_the_routes(api: Api) -> None:
    response = api(None).get("/api/schema/?format=json")
    assert response.status_code == 200, response.content[:300]
    document = orjson.loads(response.content)
    assert document["openapi"].startswith("3.")
    assert "/api/v1/data/query" in document["paths"]


def test_the_documentation_page_keeps_the_strict_policy(api: Api) -> None:
    page = api(None).get("/api/docs/")
    assert page.status_code == 200
    assert "<style" not in page.content.decode()
    assert "'unsafe-inline'" not in page["Content-Security-Policy"]
    script = api(None).get("/api/docs/?script=")
    assert b"SwaggerUIBundle" in script.content


def test_the_openapi_document_is_valid_and_generated_without_a_warning(tmp_path: Path) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml"))


def test_every_operation_is_named_once_and_tells_its_errors_in_one_shape(api: Api) -> None:
    document = orjson.loads(api(None).get("/api/schema/?format=json").content)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert "application/problem+json" in operation["responses"]["default"]["content"]
