"""HashiCorp Vault through hvac: transit (wrap keys, sign) and the key-value store (keep signatures).

Answers within two seconds or raises Unavailable; after a failure the next call within five seconds fails at once, so
that a dead Vault does not slow every request. `outage` says since when.
"""

import base64
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, Final

import hvac
import requests
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest, VaultError

from apps.core import clock
from apps.core.errors import Unavailable
from atom_project.config import config

_SECONDS: Final = 2.0
_PAUSE: Final = 5.0
REMEDY: Final = "Check VAULT_ADDR, VAULT_TOKEN and that Vault is unsealed."


class VaultRefusedError(Exception):
    """Vault answers, and says no: a wrong token, a missing key, a broken ciphertext. Not an outage."""


class Vault:
    """One Vault, spoken to with one token."""

    def __init__(self, address: str, token: str, *, transit: str = "transit", kv: str = "secret") -> None:
        self.transit, self.kv = transit, kv
        session = requests.Session()
        session.trust_env = False
        self._client = hvac.Client(url=address, token=token, timeout=_SECONDS, session=session)
        self._down: tuple[float, datetime] | None = None

    @property
    def down_since(self) -> datetime | None:
        """When it stopped answering; None while it answers (or has not been asked)."""
        return self._down[1] if self._down else None

    def encrypt(self, key: str, plain: bytes, *, bound: bytes) -> str:
        """Transit encrypts under the newest version of `key`: `vault:v<n>:…`."""
        transit = self._client.secrets.transit
        answer = self._asked(
            lambda: transit.encrypt_data(
                key, plaintext=_b64(plain), associated_data=_b64(bound), mount_point=self.transit
            )
        )
        return str(answer["data"]["ciphertext"])

    def decrypt(self, key: str, sealed: str, *, bound: bytes) -> bytes:
        """What `encrypt` sealed under the same `bound`."""
        transit = self._client.secrets.transit
        answer = self._asked(
            lambda: transit.decrypt_data(key, ciphertext=sealed, associated_data=_b64(bound), mount_point=self.transit)
        )
        return base64.b64decode(answer["data"]["plaintext"])

    def sign(self, key: str, digest: bytes) -> bytes:
        """ECDSA over a SHA-256 digest, in DER."""
        transit = self._client.secrets.transit
        answer = self._asked(
            lambda: transit.sign_data(
                key, hash_input=_b64(digest), hash_algorithm="sha2-256", prehashed=True, marshaling_algorithm="asn1",
                mount_point=self.transit,
            )
        )  # fmt: skip
        return base64.b64decode(str(answer["data"]["signature"]).split(":", 2)[2])

    def public_keys(self, key: str) -> tuple[str, ...]:
        """Public keys of a signing key in PEM, newest first."""
        answer = self._asked(lambda: self._client.secrets.transit.read_key(key, mount_point=self.transit))
        versions: dict[str, Any] = answer["data"]["keys"]
        return tuple(str(versions[number]["public_key"]) for number in sorted(versions, key=int, reverse=True))

    def keep(self, path: str, document: dict[str, Any]) -> None:
        """Write a document to the key-value store (version 2)."""
        store = self._client.secrets.kv.v2
        self._asked(lambda: store.create_or_update_secret(path, secret=document, mount_point=self.kv))

    def kept(self, path: str) -> dict[str, Any] | None:
        """The document at `path`, or None."""
        store = self._client.secrets.kv.v2
        try:
            answer = self._asked(
                lambda: store.read_secret_version(path, mount_point=self.kv, raise_on_deleted_version=True)
            )
        except VaultRefusedError as error:
            if isinstance(error.__cause__, InvalidPath):
                return None
            raise
        document: dict[str, Any] = answer["data"]["data"]
        return document

    def is_open(self) -> bool:
        """Whether it answers and is unsealed."""
        answer = self._asked(self._client.sys.read_seal_status)
        return not answer["sealed"]

    def _asked(self, call: Callable[[], Any]) -> Any:
        if self._down and time.monotonic() - self._down[0] < _PAUSE:
            raise self._out()
        try:
            answer = call()
        except (InvalidRequest, InvalidPath, Forbidden) as error:
            self._down = None
            raise VaultRefusedError(type(error).__name__) from error
        except (VaultError, requests.RequestException) as error:
            self._down = (time.monotonic(), self._down[1] if self._down else clock.now())
            raise self._out() from error
        self._down = None
        return answer

    def _out(self) -> Unavailable:
        return Unavailable("Vault does not answer.", code="VAULT_UNREACHABLE", next_steps=[REMEDY])


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def configured() -> Vault | None:
    """The Vault of this installation; None without VAULT_ADDR."""
    if not config.vault_addr:
        return None
    return _vault(
        config.vault_addr, config.vault_token.get_secret_value(), config.vault_transit_mount, config.vault_kv_mount
    )


@cache
def _vault(address: str, token: str, transit: str, kv: str) -> Vault:
    return Vault(address, token, transit=transit, kv=kv)
