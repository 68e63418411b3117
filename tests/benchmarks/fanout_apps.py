"""The two applications that bench_fanout compares: a bare ASGI fan-out, and the hub with a prover that trusts."""

import os
from typing import Any
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atom_project.settings.test")
import django

django.setup()

from apps.core.actor import Actor  # noqa: E402 - Django first
from apps.core.permissions import ROLE_SCOPES, Role  # noqa: E402
from apps.core.tenant import TenantRef  # noqa: E402
from apps.realtime import registry, routing  # noqa: E402
from apps.realtime.contracts import Proof, SocketIdentity, TokenProof  # noqa: E402

TENANT = TenantRef(UUID(int=7), "bench", "Bench", "", "")
SCOPES = frozenset(ROLE_SCOPES[Role.ADMIN])
_senders: set[Any] = set()


def prove(proof: Proof) -> SocketIdentity:
    """The token is the number of the actor: one person may not open a hundred sockets."""
    assert isinstance(proof, TokenProof)
    return SocketIdentity(Actor(UUID(int=int(proof.token)), TENANT, "", "Bench", Role.ADMIN, SCOPES))


async def bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Sends each message a socket says to every socket that said nothing but hello: the floor."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            _senders.discard(send)
            return
        text = event["text"]
        if text == "hello":
            _senders.add(send)
            await send({"type": "websocket.send", "text": "ready"})
            continue
        message = {"type": "websocket.send", "text": text}
        for one in _senders:
            await one(message)


registry.register_identity("tests.benchmarks.fanout_apps.prove")
hub = routing.application
