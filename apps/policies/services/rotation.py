"""Rotating keys while everything works.

The master key: each data key is opened by whichever configured master key wrapped it and wrapped by the current one,
by compare and set, tenant by tenant; a run that was killed is finished by the next, and runs side by side share the
work. A data key: 1. a new version is made, and new values are sealed under it; 2. what is sealed under older ones is
sealed again; 3. the older ones are retired, still readable. A run finds an unfinished rotation and finishes that.
"""

from dataclasses import dataclass

from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Unavailable
from apps.core.permissions import Role
from apps.core.tenant import TenantRef, entered
from apps.policies import registry
from apps.policies.connectors import masterkeys
from apps.policies.connectors.masterkeys import UnreadableKeyError
from apps.policies.models import TenantKey
from apps.policies.services import datakeys

OPERATOR = Actor(None, None, "", "operator", Role.ADMIN, frozenset(), ActorKind.OPERATOR)


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What a run did for one tenant: data keys wrapped anew, and those no configured master key opens."""

    done: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class DataKeyRotation:
    """The version now sealed under, and how many values were sealed again."""

    version: int
    resealed: int


def rewrap(tenant: TenantRef, *, every: bool = False) -> Rewrapped:
    """Wrap the tenant's data keys by the current master key. `every` also those that it wrapped before: the holder
    of a key in Vault or KMS may have a newer version of it.
    """
    master, done, unreadable = masterkeys.current(), 0, 0
    with entered(tenant), trail.unit_of_work():
        rows = TenantKey.objects.order_by("version")
        for row in rows if every else rows.exclude(master_key_id=master.id):
            try:
                key = datakeys.unwrapped(tenant, row)
            except UnreadableKeyError:
                unreadable += 1
                continue
            wrapped = datakeys.wrapped_by(master, tenant, row.version, key)
            same = TenantKey.objects.filter(id=row.id, wrapped=row.wrapped)
            done += same.update(wrapped=wrapped, master_key_id=master.id, updated_at=clock.now())
        if done:
            _record("key.rewrapped", {"data_keys": done, "master_key": master.id})
    return Rewrapped(done, unreadable)


def pending(tenant: TenantRef) -> int:
    """How many data keys of the tenant another than the current master key wraps."""
    with entered(tenant):
        return TenantKey.objects.exclude(master_key_id=masterkeys.current().id).count()


def rotate_data_key(tenant: TenantRef) -> DataKeyRotation:
    """A new data key and everything sealed under it; raises Unavailable when a value cannot be opened."""
    with entered(tenant):
        newest = _newest(tenant)
        resealed = sum(reseal() for _name, reseal in registry.sealed_values())
        with trail.unit_of_work():
            older = TenantKey.objects.filter(version__lt=newest, retired_at=None)
            retired = older.update(retired_at=clock.now())
            if retired:
                _record("key.rotated", {"version": newest, "resealed": resealed})
    return DataKeyRotation(newest, resealed)


def _newest(tenant: TenantRef) -> int:
    """The version to seal under: a new one, or that of a rotation which has not been finished."""
    with trail.unit_of_work():
        datakeys.current_version(tenant)
        usable = list(TenantKey.objects.select_for_update().filter(retired_at=None).order_by("version"))
        if not usable:
            raise Unavailable("This tenant has no data key.", code="SECRET_UNREADABLE")
        if len(usable) > 1:
            return usable[-1].version
        return datakeys.make(tenant, usable[0].version + 1).version


def _record(action: str, summary: dict[str, object]) -> None:
    trail.record(OPERATOR, action, object_type="key", summary=summary)
