"""An OpenID Connect provider over real HTTP on loopback: discovery, keys, authorization code with PKCE, ID tokens.

Follows OpenID Connect Core 1.0 (3.1), Discovery 1.0 and RFC 7636. `fault` makes it lie in one way at a time.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "atom-client"
CLIENT_SECRET = "a secret between two servers"

_FIRST_KEY = RSAKey.generate_key(2048, {"kid": "first"})  # one for all: making it takes longer than a test


class Provider(ThreadingHTTPServer):
    """The server; `person` is who is logged in at it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.person: dict[str, Any] = {}
        self.fault = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.key = _FIRST_KEY
        self.key_reads = 0

    def log_in(self, subject: str, email: str, **claims: Any) -> None:
        """Who the next authorization is for."""
        self.person = {"sub": subject, "email": email, "email_verified": True, "name": "", **claims}

    def rotate(self) -> None:
        """Sign with another key from now on."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    def authorize(self, query: dict[str, str]) -> str:
        """What the browser is sent back with."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**query, "person": json.dumps(self.person)}
        return query["redirect_uri"] + "?" + urlencode({"code": code, "state": query["state"], "iss": self.issuer})

    def id_token(self, asked: dict[str, str]) -> str:
        """The proof, or one that is wrong in the way of the fault."""
        now = int(time.time())
        claims = {
            **json.loads(asked["person"]),
            "iss": "http://127.0.0.1:1" if self.fault == "issuer" else self.issuer,
            "aud": "somebody-else" if self.fault == "audience" else CLIENT_ID,
            "iat": now,
            "exp": now - 3600 if self.fault == "expired" else now + 300,
            "nonce": "another" if self.fault == "nonce" else asked.get("nonce", ""),
        }
        if self.fault == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if self.fault == "confused":  # the public key as an HMAC secret
            head = _part({"alg": "HS256", "kid": self.key.kid})
            signed = f"{head}.{_part(claims)}"
            digest = hmac.new(self.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
            return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        key = RSAKey.generate_key(2048) if self.fault == "signature" else self.key
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, key)


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        """Discovery, keys, authorization."""
        parts = urlsplit(self.path)
        if self.server.fault == "out":
            self._answer(503, {"error": "temporarily_unavailable"})
        elif parts.path == "/.well-known/openid-configuration":
            self._answer(200, self._metadata())
        elif parts.path == "/keys":
            self.server.key_reads += 1
            self._answer(200, {"keys": [self.server.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", self.server.authorize(query))
            self.end_headers()
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        """The token endpoint: client by basic authentication, code once, PKCE by S256."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {expected}":
            self._answer(401, {"error": "invalid_client"})
            return
        asked = self.server.codes.pop(given.get("code", ""), None)
        challenge = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        fits = asked and base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == asked.get("code_challenge")
        if not asked or not fits or given.get("redirect_uri") != asked["redirect_uri"]:
            self._answer(400, {"error": "invalid_grant"})
            return
        token = self.server.id_token(asked)
        self._answer(200, {"access_token": secrets.token_hex(8), "token_type": "Bearer", "id_token": token})

    def _metadata(self) -> dict[str, Any]:
        base = self.server.issuer
        return {
            "issuer": "https://somebody.example" if self.server.fault == "discovery" else base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""


@contextmanager
def running() -> Iterator[Provider]:
    """A provider, ended with the block."""
    provider = Provider()
    thread = threading.Thread(target=provider.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.shutdown()
        provider.server_close()
