"""The secrets manager: the only code that seals and opens secrets.

Envelope encryption: AES-256-GCM under a data key of the tenant (`datakeys`), which the master key wraps. A sealed
value is bound to tenant, name and version as associated data, so it opens nowhere else. Every opening is audited.
Layout of a sealed value: 1 byte format, 4 bytes key version, 12 bytes nonce, then ciphertext and tag.
"""

import os
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import Max

from apps.audit.services import trail
from apps.core import redaction
from apps.core.actor import Actor
from apps.core.errors import NotFound, Unavailable
from apps.core.tenant import TenantRef, require
from apps.policies.connectors.masterkeys import UnreadableKeyError
from apps.policies.models import Secret, TenantKey
from apps.policies.services import datakeys

_FORMAT: Final = 1
_NONCE: Final = 12
_HEAD: Final = struct.Struct(">BI")


class SecretsManager:
    """Seals and opens the secrets of one tenant, which must be entered."""

    def __init__(self, tenant: TenantRef | None = None) -> None:
        self.tenant = tenant or require()

    def seal(self, name: str, version: int, value: str) -> bytes:
        """The sealed form of `value`, to be stored beside exactly this name and version."""
        redaction.remember(value, owner=self.tenant.id)
        return self._sealed(name, version, value.encode(), datakeys.current_version(self.tenant))

    def unseal(self, name: str, version: int, sealed: bytes, *, actor: Actor, purpose: str) -> str:
        """The value again; audited. Raises Unavailable when key, name or version do not fit."""
        value = self._open(name, version, bytes(sealed)).decode()
        redaction.remember(value, owner=self.tenant.id)
        trail.record(
            actor,
            "secret.decrypted",
            object_type="secret",
            object_id=name,
            summary={"version": version, "purpose": purpose},
        )
        return value

    def enclosed(self, name: str, content: bytes) -> bytes:
        """`content` sealed for its way to another process of this tenant: private and unchangeable, but no secret."""
        return self._sealed(name, 0, content, datakeys.current_version(self.tenant))

    def disclosed(self, name: str, sealed: bytes) -> bytes:
        """What `enclosed` sealed under the same name. Not audited: it never held a secret."""
        return self._open(name, 0, sealed)

    def resealed(self, name: str, version: int, sealed: bytes) -> bytes | None:
        """The same value under the current data key; None when it is already. Nobody gets to see it."""
        newest = datakeys.current_version(self.tenant)
        if key_version(sealed) == newest:
            return None
        return self._sealed(name, version, self._open(name, version, bytes(sealed)), newest)

    def store(self, name: str, value: str, *, actor: Actor) -> int:
        """Keep `value` as the next and current version of the secret `name`; answers the version."""
        with trail.unit_of_work():
            self._one_at_a_time()
            version = (Secret.objects.filter(name=name).aggregate(top=Max("version"))["top"] or 0) + 1
            Secret.objects.filter(name=name, is_current=True).update(is_current=False)
            sealed = self.seal(name, version, value)
            Secret.objects.create(name=name, version=version, sealed=sealed, created_by=actor.id)
            trail.record(actor, "secret.stored", object_type="secret", object_id=name, summary={"version": version})
        return version

    def reveal(self, name: str, *, actor: Actor, purpose: str) -> str:
        """The current value of the secret `name`; audited. Raises NotFound."""
        row = Secret.objects.filter(name=name, is_current=True).first()
        if row is None:
            raise NotFound("There is no such secret.")
        return self.unseal(name, row.version, bytes(row.sealed), actor=actor, purpose=purpose)

    def destroy(self, name: str, *, actor: Actor) -> None:
        """Remove every version of the secret `name`."""
        with trail.unit_of_work():
            Secret.objects.filter(name=name).delete()
            trail.record(actor, "secret.destroyed", object_type="secret", object_id=name)

    def _one_at_a_time(self) -> None:
        """Two writers of one name must not take the same version: the key's row serialises them per tenant."""
        datakeys.current_version(self.tenant)
        list(TenantKey.objects.select_for_update().filter(version=1))

    def _sealed(self, name: str, version: int, value: bytes, newest: int) -> bytes:
        nonce = os.urandom(_NONCE)
        cipher = AESGCM(datakeys.key_of(self.tenant, newest))
        return _HEAD.pack(_FORMAT, newest) + nonce + cipher.encrypt(nonce, value, self._bound(name, version))

    def _open(self, name: str, version: int, sealed: bytes) -> bytes:
        try:
            key = datakeys.key_of(self.tenant, key_version(sealed))
            nonce, body = sealed[_HEAD.size : _HEAD.size + _NONCE], sealed[_HEAD.size + _NONCE :]
            return AESGCM(key).decrypt(nonce, body, self._bound(name, version))
        except (InvalidTag, UnreadableKeyError, ValueError, struct.error) as error:
            raise Unavailable(
                "A stored secret cannot be opened.",
                code="SECRET_UNREADABLE",
                next_steps=["Check that ATOM_MASTER_KEY or ATOM_MASTER_KEY_PREVIOUS holds the key it was sealed with."],
            ) from error

    def _bound(self, name: str, version: int) -> bytes:
        return f"{self.tenant.id}|{name}|{version}".encode()


def key_version(sealed: bytes) -> int:
    """Version of the data key that a value is sealed under. Raises ValueError for what is no sealed value."""
    form, version = _HEAD.unpack_from(sealed)
    if form != _FORMAT:
        raise ValueError("format")
    return int(version)


def reseal_all() -> int:
    """Seal this app's secrets again under the newest key, each by compare and set (registered for rotations)."""
    manager, changed = SecretsManager(), 0
    for row in Secret.objects.order_by("id").iterator(chunk_size=200):
        again = manager.resealed(row.name, row.version, bytes(row.sealed))
        if again is not None:
            changed += Secret.objects.filter(id=row.id, sealed=row.sealed).update(sealed=again)
    return changed
