"""Two ways to call ATOM's own API: inside this process, or over HTTP at an address."""

from typing import Any

import orjson
import requests
from django.test import Client

TIMEOUT_SECONDS = 60


class InProcessDoor:
    """Calls the handler of this process, through every middleware, without a socket."""

    def __init__(self) -> None:
        self._client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> tuple[int, Any]:
        """Status and decoded body."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = orjson.dumps(body) if body is not None else b""
        answer = self._client.generic(method, path, data, content_type="application/json", headers=headers)
        return answer.status_code, orjson.loads(answer.content or b"null")


class HttpDoor:
    """Calls a served installation; one connection for the whole walk."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = requests.Session()

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> tuple[int, Any]:
        """Status and decoded body; raises requests' error when nobody answers."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = orjson.dumps(body) if body is not None else None
        answer = self._session.request(
            method, self._base_url + path, data=data, headers=headers, timeout=TIMEOUT_SECONDS
        )
        return answer.status_code, orjson.loads(answer.content or b"null")
