"""The key that wraps the tenants' data keys, behind one small protocol: in the environment, in Vault, or in Google KMS.

`ATOM_MASTER_KEY` names the one that wraps; keys in `ATOM_MASTER_KEY_PREVIOUS` are still (or already) readable, so that
processes of two deployments work side by side while keys are re-wrapped.
"""

import base64
import hashlib
import os
from functools import cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.core.errors import Unavailable
from apps.policies.connectors import googlekms, vault
from atom_project.config import config

VAULT_SCHEME: Final = "hashivault://"
GOOGLE_SCHEME: Final = "gcpkms://"
_NONCE: Final = 12


class UnreadableKeyError(ValueError):
    """This master key did not wrap that, or it was bound to something else."""


class MasterKey(Protocol):
    """Wraps and unwraps 32 bytes. Raises UnreadableKeyError, and Unavailable while the holder of the key is out."""

    id: str
    """A short name fit to store beside what it wrapped; says nothing of the key."""

    def wrap(self, key: bytes, *, bound: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, *, bound: bytes) -> bytes: ...


class EnvironmentKey:
    """32 bytes given by the environment: AES-256-GCM in this process."""

    def __init__(self, key: bytes) -> None:
        self.id = hashlib.sha256(b"atom-master|" + key).hexdigest()[:16]
        self._cipher = AESGCM(key)

    def wrap(self, key: bytes, *, bound: bytes) -> bytes:
        """Nonce, then ciphertext and tag."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, key, bound)

    def unwrap(self, wrapped: bytes, *, bound: bytes) -> bytes:
        """The key again."""
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], bound)
        except (InvalidTag, ValueError) as error:
            raise UnreadableKeyError("environment key") from error


class VaultTransitKey:
    """A transit key of type aes256-gcm96; it never leaves Vault, which versions it by itself."""

    def __init__(self, held_by: vault.Vault, name: str) -> None:
        self.id = hashlib.sha256(f"hashivault|{held_by.transit}|{name}".encode()).hexdigest()[:16]
        self._vault, self._name = held_by, name

    def wrap(self, key: bytes, *, bound: bytes) -> bytes:
        """Vault's own text form, `vault:v<n>:…`."""
        try:
            return self._vault.encrypt(self._name, key, bound=bound).encode()
        except vault.VaultRefusedError as error:
            raise _refused("Vault") from error

    def unwrap(self, wrapped: bytes, *, bound: bytes) -> bytes:
        """The key again."""
        try:
            return self._vault.decrypt(self._name, wrapped.decode("ascii", "replace"), bound=bound)
        except vault.VaultRefusedError as error:
            raise UnreadableKeyError("Vault transit key") from error


class GoogleKmsKey:
    """A symmetric key of Google KMS, named by its resource."""

    def __init__(self, held_by: googlekms.GoogleKms, resource: str) -> None:
        self.id = hashlib.sha256(f"gcpkms|{resource}".encode()).hexdigest()[:16]
        self._kms, self._resource = held_by, resource

    def wrap(self, key: bytes, *, bound: bytes) -> bytes:
        """KMS's ciphertext."""
        try:
            return self._kms.encrypt(self._resource, key, bound=bound)
        except googlekms.KmsRefusedError as error:
            raise _refused("Google KMS") from error

    def unwrap(self, wrapped: bytes, *, bound: bytes) -> bytes:
        """The key again."""
        try:
            return self._kms.decrypt(self._resource, wrapped, bound=bound)
        except googlekms.KmsRefusedError as error:
            raise UnreadableKeyError("Google KMS key") from error


def current() -> MasterKey:
    """The key that wraps. Raises Unavailable when there is none."""
    text = config.atom_master_key.get_secret_value()
    if not text:
        raise Unavailable("ATOM_MASTER_KEY is not set.", code="MASTER_KEY_MISSING")
    return named(text)


def readable(key_id: str) -> MasterKey:
    """The configured key of that id; raises UnreadableKeyError when neither variable names it."""
    others = config.atom_master_key_previous.get_secret_value().split(",")
    for text in [config.atom_master_key.get_secret_value(), *others]:
        if text.strip() and (found := named(text.strip())).id == key_id:
            return found
    raise UnreadableKeyError("no configured master key has this id")


@cache
def named(text: str) -> MasterKey:
    """The key that `text` names: base64 of 32 bytes, `hashivault://<key>` or `gcpkms://<resource>`."""
    if text.startswith(VAULT_SCHEME):
        held_by = vault.configured()
        if held_by is None:
            raise Unavailable("The master key is in Vault, and VAULT_ADDR is not set.", code="MASTER_KEY_MISSING")
        return VaultTransitKey(held_by, text.removeprefix(VAULT_SCHEME))
    if text.startswith(GOOGLE_SCHEME):
        return GoogleKmsKey(googlekms.default(), text.removeprefix(GOOGLE_SCHEME))
    return EnvironmentKey(base64.b64decode(text, validate=True))


def _refused(who: str) -> Unavailable:
    return Unavailable(
        f"{who} refuses to wrap with the master key.", code="MASTER_KEY_REFUSED",
        next_steps=["Check that the key exists, is of a symmetric type, and that this installation may use it."],
    )  # fmt: skip
