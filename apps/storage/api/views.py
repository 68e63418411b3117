"""The storage doors of members: buckets, objects, signed addresses."""

from typing import Annotated, Any, Literal

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.storage.models import Bucket
from apps.storage.selectors import objects as reads
from apps.storage.services import objects as writes


class BucketBody(BaseModel):
    """`content_types` empty: any."""

    model_config = ConfigDict(extra="forbid")

    name: str
    max_object_bytes: Annotated[int, Field(ge=1, le=5 * 1024**3)] = 100 * 1024 * 1024
    content_types: list[str] = []


class ObjectsQuery(BaseModel):
    """`cursor` is the last key of the page before."""

    bucket: str
    prefix: str = ""
    cursor: str = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class SignBody(BaseModel):
    """`path` is `bucket/key`; `expires` in seconds."""

    model_config = ConfigDict(extra="forbid")

    path: str
    method: Literal["GET", "PUT"]
    expires: Annotated[int, Field(ge=1, le=writes.LONGEST)] = 900
    content_type: Annotated[str, Field(max_length=100)] = ""


class DeleteBody(BaseModel):
    """`path` is `bucket/key`."""

    model_config = ConfigDict(extra="forbid")

    path: str


class BucketsView(AtomView):
    """Buckets of the tenant."""

    required_scopes = {"GET": Scope.STORAGE_READ, "POST": Scope.STORAGE_WRITE}

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """All buckets."""
        return Response({"items": [_bucket(each) for each in reads.list_buckets_for(self.actor)], "next": None})

    @extend_schema(request=BucketBody, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Make one."""
        body = self.parse(BucketBody)
        made = writes.create_bucket(
            self.actor, body.name, max_object_bytes=body.max_object_bytes, content_types=body.content_types
        )
        return Response(_bucket(made), status=201)


class ObjectsView(AtomView):
    """Objects of a bucket."""

    required_scope = Scope.STORAGE_READ

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """One page, by key."""
        asked = self.query(ObjectsQuery)
        found = reads.list_objects_for(
            self.actor, asked.bucket, prefix=asked.prefix, after=asked.cursor, limit=asked.limit
        )
        following = found[-1].key if len(found) == asked.limit else None
        return Response({"items": found, "next": following, "simulated": True})


class SignedUrlView(AtomView):
    """An address that needs no login, for one method on one object."""

    required_scope = Scope.STORAGE_READ

    @extend_schema(request=SignBody, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Sign one."""
        body = self.parse(SignBody)
        token, grant = writes.sign(
            self.actor, body.path, body.method, expires=body.expires, content_type=body.content_type
        )
        url = f"{request.scheme}://{request.get_host()}/api/v1/storage/signed/{token}"
        headers = {"Content-Type": body.content_type} if body.method == "PUT" and body.content_type else {}
        answer = {"url": url, "method": body.method, "expires_at": writes.expires_at(grant), "headers": headers}
        return Response(answer | {"simulated": True}, headers={"Cache-Control": "no-store"})


class DeleteView(AtomView):
    """Deletion of an object."""

    required_scope = Scope.STORAGE_WRITE

    @extend_schema(request=DeleteBody, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Delete one."""
        body = self.parse(DeleteBody)
        writes.delete(self.actor, body.path)
        return Response({"deleted": body.path, "simulated": True})


def _bucket(bucket: Bucket) -> dict[str, Any]:
    return {
        "name": bucket.name,
        "max_object_bytes": bucket.max_object_bytes,
        "content_types": bucket.content_types,
        "created_at": bucket.created_at,
    }
