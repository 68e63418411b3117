"""Google Cloud KMS over HTTP, as its REST reference (v1) tells: encrypt and decrypt with checksums. Keys in memory."""

import base64
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import google_crc32c
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.http_server import Answer, serving

TOKEN = "ya29.test-token-of-the-kms-emulator"
KEY = "projects/atom/locations/europe-west3/keyRings/atom/cryptoKeys/master"


@dataclass
class KmsEmulator:
    """One symmetric key per resource; `broken` answers 503."""

    address: str = ""
    keys: dict[str, bytes] = field(default_factory=dict)
    broken: bool = False
    damaged: bool = False

    def handle(self, method: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> Answer:
        """Answer one request."""
        if self.broken:
            return 503, _error(503, "UNAVAILABLE")
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, _error(401, "UNAUTHENTICATED")
        match = re.fullmatch(r"/v1/(projects/[^:]+):(encrypt|decrypt)", path)
        if match is None or match[1] not in self.keys:
            return 404, _error(404, "NOT_FOUND")
        bound = base64.b64decode(body.get("additionalAuthenticatedData", ""))
        if _crc(bound) != body.get("additionalAuthenticatedDataCrc32c"):
            return 400, _error(400, "INVALID_ARGUMENT")
        answer = getattr(self, f"_{match[2]}")(match[1], body, bound)
        if self.damaged:
            answer[1]["plaintextCrc32c" if match[2] == "decrypt" else "ciphertextCrc32c"] = "1"
        return answer

    def _encrypt(self, name: str, body: dict[str, Any], bound: bytes) -> Answer:
        plain, nonce = base64.b64decode(body["plaintext"]), os.urandom(12)
        sealed = nonce + AESGCM(self.keys[name]).encrypt(nonce, plain, bound)
        return 200, {
            "name": f"{name}/cryptoKeyVersions/1", "ciphertext": base64.b64encode(sealed).decode(),
            "ciphertextCrc32c": _crc(sealed), "verifiedPlaintextCrc32c": body["plaintextCrc32c"] == _crc(plain),
            "verifiedAdditionalAuthenticatedDataCrc32c": True, "protectionLevel": "SOFTWARE",
        }  # fmt: skip

    def _decrypt(self, name: str, body: dict[str, Any], bound: bytes) -> Answer:
        sealed = base64.b64decode(body["ciphertext"])
        try:
            plain = AESGCM(self.keys[name]).decrypt(sealed[:12], sealed[12:], bound)
        except InvalidTag:
            return 400, _error(400, "INVALID_ARGUMENT")
        return 200, {"plaintext": base64.b64encode(plain).decode(), "plaintextCrc32c": _crc(plain), "usedPrimary": True}


def _crc(value: bytes) -> str:
    return str(google_crc32c.value(value))


def _error(code: int, status: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": status.lower(), "status": status}}


@contextmanager
def running() -> Iterator[KmsEmulator]:
    """A KMS on a port of its own, with the key KEY."""
    emulator = KmsEmulator(keys={KEY: AESGCM.generate_key(256)})
    with serving(emulator.handle) as address:
        emulator.address = address
        yield emulator
