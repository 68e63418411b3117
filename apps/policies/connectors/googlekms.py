"""Google Cloud KMS over its REST API (cloudkms.googleapis.com, v1), with google-auth's session.

Checksums of the reference (CRC32C) are sent and checked, so that a byte changed on the way is noticed.
"""

import base64
from functools import cache
from typing import Any, Final, Protocol

import google.auth
import google_crc32c
import requests
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession

from apps.core.errors import Unavailable

ADDRESS: Final = "https://cloudkms.googleapis.com"
_SCOPE: Final = "https://www.googleapis.com/auth/cloudkms"
_SECONDS: Final = 5.0


class KmsRefusedError(Exception):
    """KMS answers, and says no: wrong key, wrong associated data, no right."""


class Session(Protocol):
    """What is used of AuthorizedSession."""

    def post(self, url: str, *, json: Any, timeout: float) -> requests.Response: ...


class GoogleKms:
    """Symmetric keys in one KMS."""

    def __init__(self, session: Session, *, address: str = ADDRESS) -> None:
        self._session, self._address = session, address

    def encrypt(self, key: str, plain: bytes, *, bound: bytes) -> bytes:
        """Encrypt under the primary version of `key` (projects/…/cryptoKeys/…)."""
        answer = self._ask(
            f"{key}:encrypt",
            {
                "plaintext": _b64(plain), "plaintextCrc32c": _crc(plain),
                "additionalAuthenticatedData": _b64(bound), "additionalAuthenticatedDataCrc32c": _crc(bound),
            },
        )  # fmt: skip
        sealed = base64.b64decode(answer["ciphertext"])
        if not answer.get("verifiedPlaintextCrc32c") or int(answer["ciphertextCrc32c"]) != int(_crc(sealed)):
            raise Unavailable("Google KMS: the answer was damaged on the way.", code="KMS_UNREACHABLE")
        return sealed

    def decrypt(self, key: str, sealed: bytes, *, bound: bytes) -> bytes:
        """What `encrypt` sealed under the same `bound`."""
        answer = self._ask(
            f"{key}:decrypt",
            {
                "ciphertext": _b64(sealed), "ciphertextCrc32c": _crc(sealed),
                "additionalAuthenticatedData": _b64(bound), "additionalAuthenticatedDataCrc32c": _crc(bound),
            },
        )  # fmt: skip
        plain = base64.b64decode(answer.get("plaintext", ""))
        if int(answer["plaintextCrc32c"]) != int(_crc(plain)):
            raise Unavailable("Google KMS: the answer was damaged on the way.", code="KMS_UNREACHABLE")
        return plain

    def _ask(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        try:
            answer = self._session.post(f"{self._address}/v1/{path}", json=body, timeout=_SECONDS)
        except (requests.RequestException, GoogleAuthError) as error:
            raise _out() from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise _out()
        if answer.status_code != 200:
            raise KmsRefusedError(str(answer.status_code))
        found: dict[str, Any] = answer.json()
        return found


def _out() -> Unavailable:
    return Unavailable(
        "Google KMS does not answer.", code="KMS_UNREACHABLE",
        next_steps=["Check the network and the service account's right to use the key."],
    )  # fmt: skip


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _crc(value: bytes) -> str:
    return str(google_crc32c.value(value))


@cache
def default() -> GoogleKms:
    """With the credentials of this machine (GOOGLE_APPLICATION_CREDENTIALS, or the metadata server)."""
    try:
        credentials, _ = google.auth.default(scopes=[_SCOPE])
    except GoogleAuthError as error:
        raise _out() from error
    return GoogleKms(AuthorizedSession(credentials))  # type: ignore[no-untyped-call]  # google-auth has no types here
