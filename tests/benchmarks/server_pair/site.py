"""A bare Django site (no database, four stock middlewares) and the applications the candidates serve."""

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import path

if not settings.configured:
    settings.configure(
        SECRET_KEY="benchmark " * 6,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        LOGGING_CONFIG=None,
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
    )
    django.setup()

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from atom_project.runtime.bridge import WsgiBridge

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
SOCKET_MESSAGES = 50_000
SOCKET_TEXT = "x" * 200


def bare(_: HttpRequest) -> JsonResponse:
    """The smallest answer."""
    return JsonResponse({"ok": True})


def stream(_: HttpRequest) -> StreamingHttpResponse:
    """128 MB in blocks of 64 kB."""

    def blocks() -> Iterator[bytes]:
        for _number in range(2000):
            yield b"x" * 65536

    return StreamingHttpResponse(blocks())


urlpatterns = [path("bare", bare), path("stream", stream)]
wsgi = get_wsgi_application()
stock_asgi = get_asgi_application()
_bridge = WsgiBridge(wsgi, threads=16)


def _with_sockets(http: Callable[[Any, Any, Any], Awaitable[None]]) -> Callable[[Message, Receive, Send], Any]:
    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await receive()
            await send({"type": "websocket.accept"})
            for _number in range(SOCKET_MESSAGES):
                await send({"type": "websocket.send", "text": SOCKET_TEXT})

    return application


stock = _with_sockets(stock_asgi)
bridged = _with_sockets(_bridge)


def adapted() -> Callable[[Message, Receive, Send], Any]:
    """a2wsgi, which is no dependency of ATOM."""
    from a2wsgi import WSGIMiddleware  # noqa: PLC0415 - installed for this measurement only

    return _with_sockets(WSGIMiddleware(wsgi, workers=16))


__all__ = ["adapted", "bridged", "stock", "wsgi"]
