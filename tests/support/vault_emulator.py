"""Vault over HTTP, as its public API reference tells: transit (encrypt, decrypt, rewrap, rotate, sign, verify, keys),
key-value version 2, seal status; tokens checked, errors as Vault words them. Keys live in memory.
"""

import base64
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.http_server import Answer, serving

TOKEN = "hvs.test-token-of-the-vault-emulator"


@dataclass
class Key:
    """A transit key with its versions, oldest first."""

    kind: str
    versions: list[Any] = field(default_factory=list)

    def grow(self) -> None:
        made = AESGCM.generate_key(256) if self.kind == "aes256-gcm96" else ec.generate_private_key(ec.SECP256R1())
        self.versions.append(made)


@dataclass
class VaultEmulator:
    """State, and what arrived; `broken` makes it answer 503 as a sealed one does."""

    address: str = ""
    keys: dict[str, Key] = field(default_factory=dict)
    store: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    broken: bool = False

    def make_key(self, name: str, kind: str = "aes256-gcm96") -> None:
        """What `vault write -f transit/keys/<name> type=<kind>` does."""
        self.keys[name] = Key(kind)
        self.keys[name].grow()

    def handle(self, method: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> Answer:
        """Answer one request."""
        self.requests.append(f"{method} {path}")
        if self.broken:
            return 503, {"errors": ["Vault is sealed"]}
        if path == "/v1/sys/seal-status":
            return 200, {"sealed": False, "initialized": True, "t": 1, "n": 1, "progress": 0}
        if headers.get("x-vault-token") != TOKEN:
            return 403, {"errors": ["permission denied"]}
        if match := re.fullmatch(r"/v1/transit/(\w+)/([\w.-]+)(?:/([\w-]+))?", path):
            return self._transit(method, match[1], match[2], match[3] or "", body)
        if match := re.fullmatch(r"/v1/secret/data/(.+?)(?:\?.*)?", path):
            return self._kv(method, match[1], body)
        return 404, {"errors": [f"no handler for route {path!r}"]}

    def _transit(self, method: str, verb: str, name: str, rest: str, body: dict[str, Any]) -> Answer:
        key = self.keys.get(name)
        if key is None:
            missing = "encryption key not found" if verb != "sign" else "signing key not found"
            return (404, {"errors": []}) if method == "GET" else (400, {"errors": [missing]})
        if verb == "keys" and rest == "rotate":
            key.grow()
            return 204, {}
        call = getattr(self, f"_{verb}", None)
        if call is None:
            return 404, {"errors": ["unsupported path"]}
        try:
            return 200, {"data": call(key, body)}
        except (InvalidTag, ValueError, IndexError, KeyError) as error:
            return 400, {"errors": [f"invalid request: {type(error).__name__}"]}

    def _encrypt(self, key: Key, body: dict[str, Any]) -> dict[str, Any]:
        nonce, plain = os.urandom(12), base64.b64decode(body["plaintext"])
        bound = base64.b64decode(body.get("associated_data") or "")
        sealed = nonce + AESGCM(key.versions[-1]).encrypt(nonce, plain, bound)
        number = len(key.versions)
        return {"ciphertext": f"vault:v{number}:{base64.b64encode(sealed).decode()}", "key_version": number}

    def _decrypt(self, key: Key, body: dict[str, Any]) -> dict[str, Any]:
        _vault, version, text = body["ciphertext"].split(":", 2)
        sealed, bound = base64.b64decode(text), base64.b64decode(body.get("associated_data") or "")
        plain = AESGCM(key.versions[int(version[1:]) - 1]).decrypt(sealed[:12], sealed[12:], bound)
        return {"plaintext": base64.b64encode(plain).decode()}

    def _rewrap(self, key: Key, body: dict[str, Any]) -> dict[str, Any]:
        return self._encrypt(key, {**body, **self._decrypt(key, body)})

    def _sign(self, key: Key, body: dict[str, Any]) -> dict[str, Any]:
        assert body["prehashed"]
        digest = base64.b64decode(body["input"])
        made = key.versions[-1].sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        number = len(key.versions)
        return {"signature": f"vault:v{number}:{base64.b64encode(made).decode()}", "key_version": number}

    def _verify(self, key: Key, body: dict[str, Any]) -> dict[str, Any]:
        _vault, version, text = body["signature"].split(":", 2)
        public = key.versions[int(version[1:]) - 1].public_key()
        digest = base64.b64decode(body["input"])
        try:
            public.verify(base64.b64decode(text), digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        except InvalidSignature:
            return {"valid": False}
        return {"valid": True}

    def _keys(self, key: Key, body: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for number, made in enumerate(key.versions, start=1):
            shown[str(number)] = (
                1700000000 if key.kind == "aes256-gcm96" else {"public_key": pem(made), "name": "P-256"}
            )
        return {"keys": shown, "latest_version": len(key.versions), "type": key.kind}

    def _kv(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        if method == "GET":
            held = self.store.get(path)
            if not held:
                return 404, {"errors": []}
            return 200, {"data": {"data": held[-1], "metadata": {"version": len(held), "destroyed": False}}}
        self.store.setdefault(path, []).append(body["data"])
        return 200, {"data": {"version": len(self.store[path]), "destroyed": False}}


def pem(key: Any) -> str:
    """The public half in PEM."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


@contextmanager
def running() -> Iterator[VaultEmulator]:
    """A Vault on a port of its own."""
    emulator = VaultEmulator()
    with serving(emulator.handle) as address:
        emulator.address = address
        yield emulator
