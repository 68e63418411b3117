"""Bodies whose length is not announced, against a real web process: read no further than the limit."""

from collections.abc import Iterator

import httpx

from apps.core.actor import Actor
from tests.integration.realtime.conftest import served  # noqa: F401 - the shared web process
from tests.support import cast


def pieces(total: int) -> Iterator[bytes]:
    yield b'{"sql": "'
    for _ in range(total // 65536):
        yield b"x" * 65536
    yield b'"}'


def post(address: str, actor: Actor, body: Iterator[bytes] | bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {cast.token_for(actor)}", "Content-Type": "application/json"}
    return httpx.post(f"http://{address}/api/v1/data/query", content=body, headers=headers, timeout=30)


def test_a_chunked_body_over_two_megabytes_is_refused(served: str, alice: Actor) -> None:  # noqa: F811
    response = post(served, alice, pieces(5 * 1024 * 1024))
    assert (response.status_code, response.json()["code"]) == (413, "TOO_LARGE")


def test_a_small_chunked_body_is_read_as_usual(served: str, alice: Actor) -> None:  # noqa: F811
    response = post(served, alice, iter([b'{"sql": ', b'"SELECT 1"}']))
    assert (response.status_code, response.json()["rows"]) == (200, [[1]])


def test_an_announced_body_over_the_limit_is_refused_before_it_is_read(served: str, alice: Actor) -> None:  # noqa: F811
    response = post(served, alice, b'{"sql": "' + b"x" * (3 * 1024 * 1024) + b'"}')
    assert (response.status_code, response.json()["code"]) == (413, "TOO_LARGE")
