"""Writes of storage: buckets, signed addresses, uploads that come by one, deletion. Each leaves its audit entry."""

import hashlib
import hmac
from base64 import b64decode
from datetime import UTC, datetime
from functools import cache
from typing import BinaryIO, Final, Literal

from django.db import IntegrityError

from apps.audit.services import trail
from apps.core import clock, components
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Conflict, Forbidden, InvalidInput, NotFound, TooLarge, UnsupportedMedia
from apps.core.ids import parse_id
from apps.core.permissions import Role, Scope
from apps.core.tenant import TenantRef
from apps.storage.connectors import disk
from apps.storage.engine import grants, paths
from apps.storage.engine.grants import Grant
from apps.storage.models import Bucket
from apps.storage.selectors import objects
from apps.tenancy.services import quota
from atom_project.config import config

Method = Literal["GET", "PUT"]
LONGEST: Final = 24 * 3600


def create_bucket(actor: Actor, name: str, *, max_object_bytes: int, content_types: list[str]) -> Bucket:
    """A new bucket; raises InvalidInput for a name that cannot be one, Conflict for a taken one."""
    actor.require(Scope.STORAGE_WRITE)
    if not paths.is_bucket(name):
        raise InvalidInput("A bucket is 3 to 63 lower-case letters, digits and hyphens.", code="BAD_PATH")
    try:
        with trail.unit_of_work():
            bucket = Bucket.objects.create(name=name, max_object_bytes=max_object_bytes, content_types=content_types)
            trail.record(actor, "storage.bucket_created", object_type="bucket", object_id=bucket.id)
    except IntegrityError:
        raise Conflict("There is a bucket of this name already.") from None
    return bucket


def sign(actor: Actor, text: str, method: Method, *, expires: int, content_type: str = "") -> tuple[str, Grant]:
    """A token that allows one method on one object for `expires` seconds, and what it grants."""
    actor.require(Scope.STORAGE_WRITE if method == "PUT" else Scope.STORAGE_READ)
    path, tenant = objects.path_of(text), objects.tenant_of(actor)
    bucket = objects.get_bucket(path.bucket)
    components.answered_by_stand_in("object_storage")
    if method == "PUT" and bucket.content_types and content_type not in bucket.content_types:
        raise UnsupportedMedia("This bucket takes other content.", extra={"accepted": bucket.content_types})
    expires_at = int(clock.now().timestamp()) + expires
    who = str(actor.id or "")
    grant = Grant(tenant.id.hex, who, str(path), method, expires_at, bucket.max_object_bytes, content_type)
    return grants.sign(grant, _key()), grant


def opened(token: str, method: str) -> Grant:
    """The grant of a signed address, for this method; raises Forbidden, which says no more than that."""
    try:
        grant = grants.verify(token, _key(), now=int(clock.now().timestamp()))
    except grants.BadGrantError:
        raise Forbidden("This address is not valid, or no longer.", code="SIGNATURE_INVALID") from None
    if grant.method != ("GET" if method == "HEAD" else method):
        raise Forbidden(f"This address allows {grant.method} only.", code="SIGNATURE_INVALID")
    return grant


def receive(grant: Grant, tenant: TenantRef, stream: BinaryIO, *, content_type: str) -> tuple[int, str]:
    """Store what came by a signed address; its size and sha256. The tenant is entered."""
    if grant.content_type and content_type != grant.content_type:
        raise UnsupportedMedia("The address was signed for other content.", extra={"accepted": [grant.content_type]})
    quota.admit_storage(tenant)
    path = objects.path_of(grant.path)
    try:
        size, digest = disk.write(tenant.id, path, stream, limit=grant.max_bytes)
    except disk.OverLimitError:
        raise TooLarge("The object is larger than its bucket allows.", extra={"limit_bytes": grant.max_bytes}) from None
    except (NotADirectoryError, IsADirectoryError):
        raise Conflict("A part of this key is an object itself, or holds objects.", code="BAD_PATH") from None
    trail.record(
        _bearer(grant, tenant), "storage.object_written",
        object_type="object", object_id=grant.path, sha256=digest, summary={"bytes": size},
    )  # fmt: skip
    return size, digest


def delete(actor: Actor, text: str) -> None:
    """Remove an object; raises NotFound."""
    actor.require(Scope.STORAGE_WRITE)
    path = objects.path_of(text)
    components.answered_by_stand_in("object_storage")
    if not disk.delete(objects.tenant_of(actor).id, path):
        raise NotFound("There is no such object.")
    trail.record(actor, "storage.object_deleted", object_type="object", object_id=str(path))


def expires_at(grant: Grant) -> datetime:
    """When the grant ends."""
    return datetime.fromtimestamp(grant.expires_at, UTC)


def _bearer(grant: Grant, tenant: TenantRef) -> Actor:
    """Who signed the address, as far as the audit needs to know; holds no scope."""
    return Actor(parse_id(grant.actor), tenant, "", "signed address", Role.VIEWER, frozenset(), ActorKind.TOKEN)


@cache
def _key() -> bytes:
    master = b64decode(config.atom_master_key.get_secret_value())
    return hmac.new(master, b"atom storage grants v1", hashlib.sha256).digest()
