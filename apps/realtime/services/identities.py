"""Who is on a socket, and whether that still holds: proven at the door, proven again at least once a minute."""

import time
from datetime import timedelta
from typing import Final

import structlog
from django.db import DatabaseError

from apps.core import clock
from apps.core.errors import Forbidden, Unauthorised
from apps.realtime import registry
from apps.realtime.contracts import Proof, SocketIdentity, TokenProof
from apps.realtime.enums import CloseCode
from apps.realtime.services import threads
from apps.realtime.services.connections import Connection
from apps.realtime.services.hub import Hub

log = structlog.get_logger(__name__)
CHECK_EVERY: Final = 30.0
_UNPROVEN_FOR: Final = 300.0


async def prove(proof: Proof) -> SocketIdentity | None:
    """The caller behind a proof, inside a tenant; None when it does not (or no longer) hold."""
    prover = registry.identity()
    identity = await threads.run(lambda: prover(proof))
    return identity if identity is not None and identity.actor.tenant is not None else None


async def renew(connection: Connection, token: str) -> None:
    """Take a fresh token for an open socket; it must be the same person in the same tenant."""
    proof = TokenProof(token)
    identity = await prove(proof)
    if identity is None:
        raise Unauthorised("This token is not (or no longer) good.")
    before = connection.identity.actor
    if (identity.actor.id, identity.actor.tenant) != (before.id, before.tenant):
        raise Forbidden("A socket stays with the person who opened it; open another one.")
    connection.proof, connection.identity, connection.checked_at = proof, identity, time.monotonic()


async def check_due(hub: Hub) -> None:
    """Prove again the sockets whose last proof is old, once per proof however many sockets share it."""
    at = time.monotonic()
    due: dict[Proof, list[Connection]] = {}
    for connection in hub.connections.values():
        if at - connection.checked_at >= CHECK_EVERY or _is_over(connection.identity):
            due.setdefault(connection.proof, []).append(connection)
    for proof, sockets in due.items():
        try:
            identity = await prove(proof)
        except DatabaseError as error:
            _tolerate(sockets, error)
            continue
        for connection in sockets:
            _apply(hub, connection, proof, identity)


def _is_over(identity: SocketIdentity) -> bool:
    return identity.expires_at is not None and identity.expires_at <= clock.now() + timedelta(seconds=1)


def _apply(hub: Hub, connection: Connection, proof: Proof, identity: SocketIdentity | None) -> None:
    if connection.proof != proof:
        return  # renewed meanwhile
    if identity is None:
        connection.close(CloseCode.UNAUTHORISED, "expired or revoked")
        return
    connection.identity, connection.checked_at = identity, time.monotonic()
    for topic in list(connection.rooms):
        matched = registry.match(topic)
        if matched is None or not identity.actor.has(matched[0].subscribe):
            hub.unfollow(connection, topic)


def _tolerate(sockets: list[Connection], error: DatabaseError) -> None:
    """The database is out: a socket may stay unproven for five minutes, no longer."""
    log.warning("realtime.identity_unproven", sockets=len(sockets), error=type(error).__name__)
    for connection in sockets:
        if time.monotonic() - connection.checked_at > _UNPROVEN_FOR:
            connection.close(CloseCode.UNAVAILABLE, "identity cannot be checked")
