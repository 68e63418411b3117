"""Who holds the signing key: cosign's key file, or Vault's transit engine. Named by COSIGN_KEY_PATH."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from apps.core.errors import Unavailable
from apps.policies.connectors import vault
from apps.policies.engine import cosign
from atom_project.config import config

VAULT_SCHEME: Final = "hashivault://"


class Signer(Protocol):
    """Signs digests; raises Unavailable while it cannot."""

    def sign(self, digest: bytes) -> bytes: ...

    def public_keys(self) -> tuple[str, ...]:
        """Its public keys in PEM, the one that signs now first."""
        ...


class KeyFile:
    """cosign's encrypted private key; opened once per content of the file."""

    def __init__(self, path: str, password: str) -> None:
        self._path, self._password = Path(path), password.encode()

    def sign(self, digest: bytes) -> bytes:
        """DER."""
        return cosign.sign(self._key(), digest)

    def public_keys(self) -> tuple[str, ...]:
        """One."""
        return (cosign.public_pem(self._key()),)

    def _key(self) -> ec.EllipticCurvePrivateKey:
        try:
            return _opened(self._path.read_bytes(), self._password)
        except OSError as error:
            raise _unusable("The signing key file cannot be read.") from error
        except cosign.KeyFileError as error:
            raise _unusable(str(error)) from error


@lru_cache(maxsize=4)
def _opened(text: bytes, password: bytes) -> ec.EllipticCurvePrivateKey:
    return cosign.load(text, password)


class VaultKey:
    """A transit key of type ecdsa-p256."""

    def __init__(self, held_by: vault.Vault, name: str) -> None:
        self._vault, self._name = held_by, name
        self._known: tuple[str, ...] = ()

    def sign(self, digest: bytes) -> bytes:
        """DER, by Vault."""
        try:
            return self._vault.sign(self._name, digest)
        except vault.VaultRefusedError as error:
            raise _unusable("Vault refuses to sign with this key.") from error

    def public_keys(self) -> tuple[str, ...]:
        """Every version's; those seen before while Vault is out, so that signatures can still be checked."""
        try:
            self._known = self._vault.public_keys(self._name)
        except vault.VaultRefusedError as error:
            raise _unusable("Vault does not show this key.") from error
        except Unavailable:
            if not self._known:
                raise
        return self._known


def configured() -> Signer | None:
    """The signer of this installation; None without a key or in simulation."""
    if not config.cosign_key_path or config.simulation_mode:
        return None
    if not config.cosign_key_path.startswith(VAULT_SCHEME):
        return KeyFile(config.cosign_key_path, config.cosign_password.get_secret_value())
    held_by = vault.configured()
    if held_by is None:
        raise _unusable("COSIGN_KEY_PATH names a key in Vault, and VAULT_ADDR is not set.")
    return _vault_key(held_by, config.cosign_key_path.removeprefix(VAULT_SCHEME))


@cache
def _vault_key(held_by: vault.Vault, name: str) -> VaultKey:
    return VaultKey(held_by, name)


def earlier_public_keys() -> tuple[str, ...]:
    """Those of COSIGN_TRUSTED_KEYS."""
    if not config.cosign_trusted_keys:
        return ()
    try:
        return cosign.public_keys_in(Path(config.cosign_trusted_keys).read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable("The file of COSIGN_TRUSTED_KEYS cannot be read.") from error


def _unusable(message: str) -> Unavailable:
    return Unavailable(
        message, code="SIGNING_UNAVAILABLE", next_steps=["Check COSIGN_KEY_PATH, COSIGN_PASSWORD and VAULT_ADDR."]
    )
