"""Readiness when parts are gone: 503 for a required one, a named finding for any other."""

import httpx

from tests.integration.realtime.conftest import free_port, web_process


def test_without_redis_the_process_is_healthy_but_not_ready() -> None:
    with web_process(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0") as address:
        assert httpx.get(f"http://{address}/health").status_code == 200
        response = httpx.get(f"http://{address}/ready", timeout=10)
    assert response.status_code == 503
    body = response.json()
    assert (body["status"], body["components"]["redis"]["ok"]) == ("unavailable", False)
    assert body["components"]["postgres"]["ok"] is True


def test_a_worker_that_does_not_answer_is_named_and_the_pages_stay_ready() -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    with web_process(ATOM_METRICS_ADDRESSES=f"worker={gone}") as address:
        response = httpx.get(f"http://{address}/ready", timeout=10)
    assert response.status_code == 200
    worker = response.json()["components"]["worker"]
    assert (worker["ok"], gone in worker["detail"]) == (False, True)
