"""Values that cross the border of this app: who is on a socket, how that was proven, what a publish was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.core.actor import Actor


@dataclass(frozen=True, slots=True)
class TokenProof:
    """A bearer token, from the first message of a socket."""

    token: str


@dataclass(frozen=True, slots=True)
class SessionProof:
    """A browser's session cookie and the tenant named in the address."""

    session_key: str
    slug: str


Proof = TokenProof | SessionProof


@dataclass(frozen=True, slots=True)
class SocketIdentity:
    """A proven caller; `expires_at` is when the proof itself runs out, if it does."""

    actor: Actor
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the opening request of a socket brought along."""

    headers: Mapping[str, str]
    address: str
    path: str
