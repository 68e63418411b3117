"""The data keys of a tenant: made at provisioning, kept wrapped by the master key, opened into a short cache.

Old versions stay: what was sealed under them opens until a rotation has sealed it again, and after.
"""

import time
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.core.tenant import TenantRef, entered
from apps.policies.connectors import masterkeys
from apps.policies.connectors.masterkeys import MasterKey, UnreadableKeyError
from apps.policies.models import TenantKey
from apps.tenancy.registry import ProvisioningContext

_CACHE_SECONDS: Final = 300.0

_keys: dict[tuple[UUID, int], tuple[float, bytes]] = {}


def current_version(tenant: TenantRef) -> int:
    """The version that new values are sealed under; the first one is made where there is none."""
    row = TenantKey.objects.filter(retired_at=None).order_by("-version").values_list("version", flat=True).first()
    return row if row is not None else make_first(tenant).version


def key_of(tenant: TenantRef, version: int) -> bytes:
    """The key itself. Raises UnreadableKeyError, and Unavailable while the holder of the master key is out."""
    cached = _keys.get((tenant.id, version))
    if cached and time.monotonic() - cached[0] < _CACHE_SECONDS:
        return cached[1]
    row = TenantKey.objects.filter(version=version).first()
    if row is None:
        raise UnreadableKeyError("unknown key version")
    key = unwrapped(tenant, row)
    _keys[(tenant.id, version)] = (time.monotonic(), key)
    return key


def make_first(tenant: TenantRef) -> TenantKey:
    """The first data key of the entered tenant; the existing one when there is one."""
    existing = TenantKey.objects.filter(retired_at=None).order_by("-version").first()
    return existing or make(tenant, 1)


def make(tenant: TenantRef, version: int) -> TenantKey:
    """A new key as that version, wrapped by the current master key; the existing row when somebody was first."""
    master = masterkeys.current()
    wrapped = wrapped_by(master, tenant, version, AESGCM.generate_key(bit_length=256))
    row, _ = TenantKey.objects.get_or_create(version=version, defaults={"wrapped": wrapped, "master_key_id": master.id})
    return row


def unwrapped(tenant: TenantRef, row: TenantKey) -> bytes:
    """The key of a row, by whichever configured master key wrapped it."""
    return masterkeys.readable(row.master_key_id).unwrap(bytes(row.wrapped), bound=_bound(tenant.id, row.version))


def wrapped_by(master: MasterKey, tenant: TenantRef, version: int, key: bytes) -> bytes:
    """The stored form of a key; opened once before it is trusted."""
    bound = _bound(tenant.id, version)
    wrapped = master.wrap(key, bound=bound)
    if master.unwrap(wrapped, bound=bound) != key:
        raise UnreadableKeyError("the master key does not open what it wrapped")
    return wrapped


def provision(ctx: ProvisioningContext) -> None:
    """Provisioning step: the tenant's data key."""
    with entered(ctx.tenant):
        make_first(ctx.tenant)


def remove(ctx: ProvisioningContext) -> None:
    """Undo: the key's row goes with the tenant's schema; forget what this process holds."""
    forget(ctx.tenant.id)


def forget(tenant_id: UUID) -> None:
    """Drop the opened keys of a tenant from this process."""
    for held in [each for each in _keys if each[0] == tenant_id]:
        _keys.pop(held, None)


def _bound(tenant_id: UUID, version: int) -> bytes:
    return f"atom-data-key|{tenant_id}|{version}".encode()
