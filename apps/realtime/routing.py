"""Which socket address goes where; `application` serves the ASGI scopes `websocket` and `lifespan`."""

import re
from typing import Any, Final

from apps.realtime import consumers
from apps.realtime.consumers import Receive
from apps.realtime.services import running
from apps.realtime.services.connections import Send

_BY_SESSION: Final = re.compile(r"/t/(?P<slug>[a-z0-9][a-z0-9-]{0,62})/ws/realtime/?")


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application for sockets."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    path: str = scope["path"]
    if path.rstrip("/") == "/ws/realtime":
        await consumers.by_token(receive, send)
        return
    matched = _BY_SESSION.fullmatch(path)
    if matched:
        await consumers.by_session(scope, receive, send, slug=matched["slug"])
        return
    await receive()
    await send({"type": "websocket.close", "code": 4404})  # before accept: the server answers 403


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif event["type"] == "lifespan.shutdown":
            await running.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
