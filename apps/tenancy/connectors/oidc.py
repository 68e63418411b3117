"""OpenID Connect: discovery, the authorization code with PKCE, and the ID token's proof (by Authlib and joserfc).

A provider's address is a tenant's own word, so this connects to public addresses only (loopback outside production),
follows no redirect, and reads at most one megabyte. The address that was checked is the one connected to.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

import httpcore2
import httpx2
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from apps.core.errors import InvalidInput, Unauthorised, Upstream
from atom_project.config import Profile, config

ALGORITHMS: Final = (
    "RS256",
    "ES256",
    "PS256",
    "RS384",
    "RS512",
    "ES384",
    "ES512",
    "PS384",
    "PS512",
    "Ed25519",
    "EdDSA",
)
LEEWAY: Final = 60
_TIMEOUT: Final = 8.0
_MAX_BYTES: Final = 1_000_000
_KEPT: Final = 600.0
_RENEW_AFTER: Final = 30.0
_metadata: dict[str, tuple[float, dict[str, Any]]] = {}
_keys: dict[str, tuple[float, KeySet]] = {}


@dataclass(frozen=True, slots=True)
class Provider:
    """Whom a tenant trusts about its people."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a browser must bring back for the answer to count."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for."""

    subject: str
    email: str
    name: str


def begin(provider: Provider) -> tuple[str, Attempt]:
    """The address to send the browser to, and what to remember; raises Upstream when the provider does not answer."""
    endpoint = str(_discovered(provider.issuer)["authorization_endpoint"])
    attempt = Attempt(generate_token(32), generate_token(32), generate_token(64))
    with _client(provider) as client:
        address, _ = client.create_authorization_url(
            endpoint, state=attempt.state, code_verifier=attempt.verifier, nonce=attempt.nonce
        )
    return str(address), attempt


def finish(provider: Provider, attempt: Attempt, *, code: str, issuer: str) -> Person:
    """Who came back with `code`; raises Unauthorised when anything does not fit, Upstream when nobody answers.

    `issuer` is the answer's own `iss` (RFC 9207), where it has one.
    """
    if issuer and issuer != provider.issuer:
        raise _refused("The answer comes from another provider.")
    metadata = _discovered(provider.issuer)
    try:
        with _client(provider) as client:
            token = client.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.verifier,
            )
    except OAuthError:
        raise _refused("The provider did not accept this sign-in; start again.") from None
    except (httpx2.HTTPError, ValueError) as error:
        raise _out() from error
    if not isinstance(token.get("id_token"), str):
        raise _refused("The provider sent no ID token.")
    return _proven(provider, attempt, token["id_token"], str(token.get("access_token", "")))


def check(issuer: str) -> dict[str, Any]:
    """What a provider says of itself, freshly asked, for the settings page; raises InvalidInput or Upstream."""
    _metadata.pop(issuer, None)
    return _discovered(issuer)


def check_address(address: str) -> None:
    """Raise InvalidInput unless a provider may live there."""
    parts = httpx2.URL(address) if _readable(address) else None
    near = parts is not None and config.profile is not Profile.PRODUCTION and parts.host in ("127.0.0.1", "localhost")
    if parts is None or not parts.host or parts.userinfo or not (parts.scheme == "https" or near):
        raise InvalidInput("The issuer is an https address.", code="ISSUER_INVALID")
    if parts.query or parts.fragment:
        raise InvalidInput("The issuer has neither a query nor a fragment.", code="ISSUER_INVALID")


def _readable(address: str) -> bool:
    try:
        httpx2.URL(address)
    except (httpx2.InvalidURL, ValueError):
        return False
    return True


def _proven(provider: Provider, attempt: Attempt, id_token: str, access_token: str) -> Person:
    try:
        decoded = _decoded(provider.issuer, id_token)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {"nonce": attempt.nonce, "client_id": provider.client_id, "access_token": access_token},
        )
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError):
        raise _refused("The provider's proof does not hold.") from None
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        raise _refused("Your provider does not vouch for your e-mail address.", code="EMAIL_NOT_VERIFIED")
    return Person(str(claims["sub"])[:255], claims["email"].strip().lower(), str(claims.get("name", ""))[:120])


def _decoded(issuer: str, id_token: str) -> Any:
    """The token by a key of the provider; unknown keys are asked for anew once, since providers rotate them."""
    allowed = list(_discovered(issuer).get("id_token_signing_alg_values_supported", ["RS256"]))
    algorithms = [name for name in allowed if name in ALGORITHMS]
    try:
        return jwt.decode(id_token, _key_set(issuer), algorithms=algorithms)
    except (JoseError, ValueError):
        read_at = _keys[issuer][0]
        if time.monotonic() - read_at < _RENEW_AFTER and not _is_new(issuer):
            raise
        _keys.pop(issuer, None)
        return jwt.decode(id_token, _key_set(issuer), algorithms=algorithms)


_renewed: dict[str, float] = {}


def _is_new(issuer: str) -> bool:
    """Whether keys may be asked for anew now: not more often than every half minute for one issuer."""
    now = time.monotonic()
    if now - _renewed.get(issuer, -_RENEW_AFTER) < _RENEW_AFTER:
        return False
    _renewed[issuer] = now
    return True


def _key_set(issuer: str) -> KeySet:
    kept = _keys.get(issuer)
    if kept and time.monotonic() - kept[0] < _KEPT:
        return kept[1]
    try:
        found = KeySet.import_key_set(cast("KeySetSerialization", _get(str(_discovered(issuer)["jwks_uri"]))))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Upstream("The provider's keys cannot be read.", code="PROVIDER_ODD") from error
    _keys[issuer] = (time.monotonic(), found)
    return found


def _discovered(issuer: str) -> dict[str, Any]:
    kept = _metadata.get(issuer)
    if kept and time.monotonic() - kept[0] < _KEPT:
        return kept[1]
    check_address(issuer)
    found = _get(get_well_known_url(issuer, external=True))
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if found.get("issuer") != issuer or not all(isinstance(found.get(name), str) for name in needed):
        raise InvalidInput("The provider does not describe itself under this issuer.", code="ISSUER_MISMATCH")
    for name in needed:
        check_address(str(httpx2.URL(found[name]).copy_with(query=None)))
    _metadata[issuer] = (time.monotonic(), found)
    return found


def _get(address: str) -> dict[str, Any]:
    try:
        with httpx2.Client(transport=_Guarded(), timeout=_TIMEOUT, trust_env=False) as client:
            answer = client.get(address, headers={"Accept": "application/json", "Accept-Encoding": "identity"})
        found = answer.raise_for_status().json()
    except (httpx2.HTTPError, ValueError) as error:
        raise _out() from error
    if not isinstance(found, dict):
        raise _out()
    return found


def _client(provider: Provider) -> Any:
    return OAuth2Client(
        provider.client_id,
        provider.client_secret,
        scope="openid email profile",
        redirect_uri=provider.redirect_uri,
        code_challenge_method="S256",
        transport=_Guarded(),
        timeout=_TIMEOUT,
        trust_env=False,
        headers={"Accept-Encoding": "identity"},
    )


def _out() -> Upstream:
    return Upstream("The sign-in provider does not answer as it should; try again.", code="PROVIDER_OUT")


def _refused(message: str, *, code: str = "SIGN_IN_REFUSED") -> Unauthorised:
    return Unauthorised(message, code=code)


class _PublicOnly(httpcore2.SyncBackend):
    """Connects to the address it has checked, so a name cannot point elsewhere a moment later."""

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        """A connection to a public address of `host`; raises ConnectError."""
        return super().connect_tcp(_public_address(host, port), port, *args, **kwargs)


def _public_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError("the name does not resolve") from error
    for *_, address in found:
        known = ipaddress.ip_address(str(address[0]).split("%", 1)[0])
        if known.is_global or (known.is_loopback and config.profile is not Profile.PRODUCTION):
            return str(address[0])
    raise httpcore2.ConnectError("not a public address")


class _Guarded(httpx2.HTTPTransport):
    """httpx's transport over the guarded connections, reading a bounded answer."""

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self._pool._network_backend = _PublicOnly()  # noqa: SLF001 - the pool's own parameter, which httpx hides

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, read to its end or refused."""
        answer = super().handle_request(request)
        try:
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise httpx2.RemoteProtocolError("a compressed answer was not asked for")
            body = _bounded(answer.stream)  # type: ignore[arg-type]  # a sync stream, since the transport is one
        finally:
            answer.close()
        return httpx2.Response(answer.status_code, headers=answer.headers, content=body, request=request)


def _bounded(chunks: Iterable[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > _MAX_BYTES:
            raise httpx2.RemoteProtocolError("the answer is too large")
    return bytes(body)
