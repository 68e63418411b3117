"""The secrets manager: the only code that seals and opens secrets.

Envelope encryption: AES-256-GCM under a data key of the tenant, which the master key (ATOM_MASTER_KEY) wraps. A sealed
value is bound to tenant, name and version as associated data, so it opens nowhere else. Every opening is audited.
Layout of a sealed value: 1 byte format, 4 bytes key version, 12 bytes nonce, then ciphertext and tag.
"""

import base64
import hashlib
import os
import struct
import time
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import Max

from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.errors import NotFound, Unavailable
from apps.core.tenant import TenantRef, entered, require
from apps.policies.models import Secret, TenantKey
from apps.tenancy.registry import ProvisioningContext
from atom_project.config import config

_FORMAT: Final = 1
_NONCE: Final = 12
_HEAD: Final = struct.Struct(">BI")
_KEY_CACHE_SECONDS: Final = 300.0

_keys: dict[tuple[UUID, int], tuple[float, bytes]] = {}


class SecretsManager:
    """Seals and opens the secrets of one tenant, which must be entered."""

    def __init__(self, tenant: TenantRef | None = None) -> None:
        self.tenant = tenant or require()

    def seal(self, name: str, version: int, value: str) -> bytes:
        """The sealed form of `value`, to be stored beside exactly this name and version."""
        key_version = self._current_key_version()
        nonce = os.urandom(_NONCE)
        cipher = AESGCM(self._key(key_version))
        return (
            _HEAD.pack(_FORMAT, key_version) + nonce + cipher.encrypt(nonce, value.encode(), self._bound(name, version))
        )

    def unseal(self, name: str, version: int, sealed: bytes, *, actor: Actor, purpose: str) -> str:
        """The value again; audited. Raises Unavailable when key, name or version do not fit."""
        value = self._open(name, version, bytes(sealed))
        trail.record(
            actor,
            "secret.decrypted",
            object_type="secret",
            object_id=name,
            summary={"version": version, "purpose": purpose},
        )
        return value

    def store(self, name: str, value: str, *, actor: Actor) -> int:
        """Keep `value` as the next and current version of the secret `name`; answers the version."""
        with trail.unit_of_work():
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

    def _open(self, name: str, version: int, sealed: bytes) -> str:
        try:
            form, key_version = _HEAD.unpack_from(sealed)
            nonce, body = sealed[_HEAD.size : _HEAD.size + _NONCE], sealed[_HEAD.size + _NONCE :]
            if form != _FORMAT:
                raise ValueError("format")
            return AESGCM(self._key(key_version)).decrypt(nonce, body, self._bound(name, version)).decode()
        except (InvalidTag, ValueError, struct.error) as error:
            raise Unavailable(
                "A stored secret cannot be opened.",
                code="SECRET_UNREADABLE",
                next_steps=["Check that ATOM_MASTER_KEY is the key this installation was set up with."],
            ) from error

    def _bound(self, name: str, version: int) -> bytes:
        return f"{self.tenant.id}|{name}|{version}".encode()

    def _current_key_version(self) -> int:
        row = TenantKey.objects.filter(retired_at=None).order_by("-version").values_list("version", flat=True).first()
        return row if row is not None else make_key(self.tenant).version

    def _key(self, version: int) -> bytes:
        cached = _keys.get((self.tenant.id, version))
        if cached and time.monotonic() - cached[0] < _KEY_CACHE_SECONDS:
            return cached[1]
        row = TenantKey.objects.filter(version=version).first()
        if row is None:
            raise ValueError("unknown key version")
        key = _unwrap(bytes(row.wrapped), _key_name(self.tenant.id, version))
        _keys[(self.tenant.id, version)] = (time.monotonic(), key)
        return key


def make_key(tenant: TenantRef) -> TenantKey:
    """The first data key of the entered tenant; the existing one when there is one."""
    existing = TenantKey.objects.filter(retired_at=None).order_by("-version").first()
    if existing is not None:
        return existing
    wrapped = _wrap(AESGCM.generate_key(bit_length=256), _key_name(tenant.id, 1))
    row, _ = TenantKey.objects.get_or_create(version=1, defaults={"wrapped": wrapped, "master_key_id": master_key_id()})
    return row


def provision_key(ctx: ProvisioningContext) -> None:
    """Provisioning step: the tenant's data key."""
    with entered(ctx.tenant):
        make_key(ctx.tenant)


def remove_key(ctx: ProvisioningContext) -> None:
    """Undo: the key's row goes with the tenant's schema; forget what this process holds."""
    for held in [each for each in _keys if each[0] == ctx.tenant.id]:
        del _keys[held]


def master_key_id() -> str:
    """A short name of the master key, fit to store: the start of its hash."""
    return hashlib.sha256(b"atom-master|" + _master()).hexdigest()[:16]


def _master() -> bytes:
    key = base64.b64decode(config.atom_master_key.get_secret_value() or "")
    if len(key) != 32:
        raise Unavailable("ATOM_MASTER_KEY is not set.", code="MASTER_KEY_MISSING")
    return key


def _key_name(tenant_id: UUID, version: int) -> bytes:
    return f"atom-data-key|{tenant_id}|{version}".encode()


def _wrap(key: bytes, name: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_master()).encrypt(nonce, key, name)


def _unwrap(wrapped: bytes, name: bytes) -> bytes:
    return AESGCM(_master()).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], name)
