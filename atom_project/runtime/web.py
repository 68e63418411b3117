"""The web process: uvicorn serves the sockets on its loop and hands HTTP to Django's sync handler in threads.

`python -m atom_project.runtime run web`. One process; production scales by replicas (ADR-006).
"""

import gc
import os
import socket

import uvicorn

from atom_project.runtime import memory, ports
from atom_project.runtime.errors import StartError

APPLICATION = "atom_project.asgi:application"
LARGEST_SOCKET_MESSAGE = 1024 * 1024
GRACE = 5  # seconds requests under way may take when the process is told to stop


def serve() -> int:
    """Serve until SIGTERM or SIGINT."""
    os.environ["ATOM_PROCESS"] = "web"
    os.environ.pop("POSTGRES_ADMIN_DSN", None)
    listener = listen(host(), ports.public())
    configuration = uvicorn.Config(
        APPLICATION,
        fd=listener.fileno(),
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=LARGEST_SOCKET_MESSAGE,
        ws_per_message_deflate=False,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE,
        proxy_headers=bool(os.environ.get("FORWARDED_ALLOW_IPS")),
    )
    server = uvicorn.Server(configuration)
    configuration.load()
    gc.collect()
    memory.settle()
    server.run(sockets=[listener])
    return 0


def host() -> str:
    """Loopback, except in production, where the container's network stands before it."""
    everywhere = "0.0.0.0"  # noqa: S104
    return os.environ.get("ATOM_HOST") or (
        everywhere if os.environ.get("ATOM_PROFILE") == "production" else ports.LOOPBACK
    )


def listen(address: str, port: int) -> socket.socket:
    """The listening socket; a StartError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise StartError(
            f"Port {port} cannot be used ({error.strerror}): stop what uses it, or choose another one, "
            f"as in PORT={port + 1} make run."
        ) from error
    listener.listen(2048)
    return listener
