"""Reads of buckets and objects, permission-checked."""

from itertools import islice
from typing import BinaryIO
from uuid import UUID

from apps.core import components
from apps.core.actor import Actor
from apps.core.errors import InvalidInput, NotFound
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.storage.connectors import disk
from apps.storage.connectors.disk import StoredObject
from apps.storage.engine import paths
from apps.storage.engine.paths import ObjectPath
from apps.storage.models import Bucket


def list_buckets_for(actor: Actor) -> list[Bucket]:
    """Buckets of the tenant, by name."""
    actor.require(Scope.STORAGE_READ)
    return list(Bucket.objects.order_by("name"))


def get_bucket(name: str) -> Bucket:
    """The bucket; raises NotFound."""
    bucket = Bucket.objects.filter(name=name).first()
    if bucket is None:
        raise NotFound("There is no such bucket.", next_steps=["POST /api/v1/storage/buckets makes one."])
    return bucket


def list_objects_for(
    actor: Actor, bucket: str, *, prefix: str = "", after: str = "", limit: int = 100
) -> list[StoredObject]:
    """At most `limit` objects whose key begins with `prefix` and sorts after `after`."""
    actor.require(Scope.STORAGE_READ)
    components.answered_by_stand_in("object_storage")
    get_bucket(bucket)
    found = disk.listing(tenant_of(actor).id, bucket, prefix)
    return list(islice((each for each in found if each.key > after), limit))


def open_object(tenant_id: UUID, path: ObjectPath) -> tuple[BinaryIO, StoredObject]:
    """The open object; raises NotFound. The caller has checked a grant."""
    try:
        return disk.read(tenant_id, path)
    except FileNotFoundError:
        raise NotFound("There is no such object.") from None


def path_of(text: str) -> ObjectPath:
    """`bucket/key` checked; raises InvalidInput."""
    try:
        return paths.parse(text)
    except paths.BadPathError as error:
        raise InvalidInput(str(error), code="BAD_PATH") from None


def tenant_of(actor: Actor) -> TenantRef:
    """The actor's tenant; storage knows no platform objects."""
    if actor.tenant is None:
        raise NotFound("There is no such object.")
    return actor.tenant
