"""The one application of the web process: HTTP goes to the WSGI handler in threads, sockets to the realtime hub."""

from typing import Any

from atom_project.config import config
from atom_project.database import refuse_pooler
from atom_project.runtime.bridge import Receive, Send, WsgiBridge
from atom_project.wsgi import application as wsgi_application  # sets Django up, so it stands before the hub

from apps.realtime import routing  # isort: skip

refuse_pooler()
_http = WsgiBridge(wsgi_application, threads=config.web_threads)


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Dispatch by the type of the scope."""
    if scope["type"] == "http":
        await _http(scope, receive, send)
    else:
        await routing.application(scope, receive, send)
