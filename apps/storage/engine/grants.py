"""A signed grant: one method on one object of one tenant until a moment. HMAC-SHA-256 over the grant's own bytes."""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass


class BadGrantError(ValueError):
    """The token is not one of ours, was changed, or has expired."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a signed address allows; `expires_at` in seconds since 1970, `max_bytes` for uploads."""

    tenant: str
    actor: str
    path: str
    method: str
    expires_at: int
    max_bytes: int = 0
    content_type: str = ""


def sign(grant: Grant, key: bytes) -> str:
    """The grant as an opaque token for an address."""
    payload = json.dumps(asdict(grant), separators=(",", ":")).encode()
    return f"{_text(payload)}.{_text(_mac(payload, key))}"


def verify(token: str, key: bytes, *, now: int) -> Grant:
    """The grant in `token`; raises BadGrantError."""
    encoded, _, mac = token.partition(".")
    try:
        payload, given = _bytes(encoded), _bytes(mac)
    except ValueError:
        raise BadGrantError("not a grant") from None
    if (_text(payload), _text(given)) != (encoded, mac):
        raise BadGrantError("spelled in another way")
    if not hmac.compare_digest(given, _mac(payload, key)):
        raise BadGrantError("the signature does not fit")
    grant = Grant(**json.loads(payload))
    if grant.expires_at <= now:
        raise BadGrantError("expired")
    return grant


def _mac(payload: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"storage-grant\0" + payload, hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
