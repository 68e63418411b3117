"""The keys that sign access tokens: one signs, earlier ones are still accepted until their tokens have run out.

HS256 by JWT_SECRET, or RS256/ES256 by a private key (JWT_PRIVATE_KEY or …_PATH). A token names its key (`kid`), the
key alone says the algorithm: what a token's header claims about algorithm, key or certificate is never followed.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from joserfc import jwk

from apps.core.errors import Unavailable
from atom_project.config import config

_MIN_RSA_BITS: Final = 2048
_HEADERS: Final = frozenset({"alg", "typ", "kid"})  # a token of ours has no other


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key that tokens may name, the one algorithm it is for, and its public form for JWKS (none of a secret)."""

    kid: str
    algorithm: str
    key: Any
    public: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class KeySet:
    """The key that signs, and all that are accepted by their kid."""

    signing_kid: str
    algorithm: str
    signing_key: Any
    accepted: dict[str, VerifyingKey]


@cache
def current() -> KeySet:
    """The keys of this process, read once; raises Unavailable when one cannot be used."""
    accepted = {key.kid: key for key in _earlier()}
    if config.jwt_algorithm == "HS256":
        secret = config.jwt_secret.get_secret_value()
        own = _of_secret(secret)
        return KeySet(own.kid, "HS256", secret, accepted | {own.kid: own})
    private = _private_key()
    own = _of_public(private.public_key())
    if own.algorithm != config.jwt_algorithm:
        raise Unavailable(f"The key for JWT_ALGORITHM={config.jwt_algorithm} is a key for {own.algorithm}.")
    return KeySet(own.kid, own.algorithm, private, accepted | {own.kid: own})


def sign(payload: dict[str, Any]) -> str:
    """A token of the current key."""
    keys = current()
    return jwt.encode(payload, keys.signing_key, algorithm=keys.algorithm, headers={"kid": keys.signing_kid})


def verifying(token: str) -> VerifyingKey:
    """The key a token names; raises jwt.InvalidTokenError when it names none of ours or carries anything odd."""
    header = jwt.get_unverified_header(token)
    key = current().accepted.get(str(header.get("kid", "")))
    if key is None or header.get("alg") != key.algorithm or not header.keys() <= _HEADERS:
        raise jwt.InvalidTokenError("unknown key")
    return key


def jwks() -> dict[str, Any]:
    """The public keys (RFC 7517), the signing one first; empty while tokens are signed by a secret."""
    keys = current()
    ordered = sorted(keys.accepted.values(), key=lambda key: key.kid != keys.signing_kid)
    return {"keys": [key.public for key in ordered if key.public]}


def _of_secret(secret: str) -> VerifyingKey:
    kid = hmac.new(secret.encode(), b"atom-kid", hashlib.sha256).hexdigest()[:16]
    return VerifyingKey(kid, "HS256", secret)


def _of_public(public: Any) -> VerifyingKey:
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= _MIN_RSA_BITS:
        algorithm, known = "RS256", jwk.RSAKey.import_key(_pem(public))
    elif isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        algorithm, known = "ES256", jwk.ECKey.import_key(_pem(public))  # type: ignore[assignment]
    else:
        raise Unavailable("A JWT key must be RSA of at least 2048 bits or P-256.")
    kid = known.thumbprint()
    shown = {**known.as_dict(private=False), "kid": kid, "use": "sig", "alg": algorithm}
    return VerifyingKey(kid, algorithm, public, shown)


def _pem(public: Any) -> bytes:
    pem: bytes = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


def _private_key() -> Any:
    text = config.jwt_private_key.get_secret_value().replace("\\n", "\n").encode()
    try:
        if not text and config.jwt_private_key_path:
            text = config.jwt_private_key_path.read_bytes()
        return load_pem_private_key(text, None)
    except (OSError, ValueError, TypeError) as error:
        raise Unavailable("The private key for access tokens cannot be read.") from error


def _earlier() -> list[VerifyingKey]:
    """Public keys (PEM) in the folder JWT_PREVIOUS_KEYS_PATH, and the secret before this one."""
    folder = config.jwt_previous_keys_path
    found = [_of_public(_public_in(path)) for path in sorted(folder.glob("*.pem"))] if folder else []
    if secret := config.jwt_previous_secret.get_secret_value():
        found.append(_of_secret(secret))
    return found


def _public_in(path: Path) -> Any:
    text = path.read_bytes()
    try:
        return load_pem_private_key(text, None).public_key() if b"PRIVATE KEY" in text else load_pem_public_key(text)
    except (ValueError, TypeError) as error:
        raise Unavailable(f"{path.name} holds no usable key.") from error
