"""Loopback ports: free ones for the servers, and the question whether one is taken."""

import os
import random
import socket
from collections.abc import Collection

from atom_project.runtime.errors import StartError

LOOPBACK = "127.0.0.1"
RANGE = range(20_000, 32_000)  # below the ports the kernel hands to outgoing connections
TRIES = 200


def public() -> int:
    """The port people reach: PORT, else 8000."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise StartError(f"PORT={text} is not a port number between 1 and 65535.")
    return int(text)


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could bind the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def answers(port: int, host: str = LOOPBACK) -> bool:
    """Whether something accepts connections on the port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def choose(preferred: int | None = None, *, besides: Collection[int] = ()) -> int:
    """The preferred port when it is free, else a free one."""
    if preferred and preferred not in besides and is_free(preferred):
        return preferred
    for _ in range(TRIES):
        port = random.choice(RANGE)  # noqa: S311  (not a secret)
        if port not in besides and is_free(port):
            return port
    raise StartError(f"No free port was found on {LOOPBACK} between {RANGE.start} and {RANGE.stop}.")
