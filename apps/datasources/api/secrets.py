"""Doors of a datasource's secrets: `/api/v1/datasources/{id}/secrets[/{key}]`. Values go in and never come out."""

from uuid import UUID

import pydantic
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.errors import InvalidInput
from apps.core.permissions import Scope
from apps.datasources.api import shapes
from apps.datasources.selectors import registry as reads
from apps.datasources.services import credentials


class RotateBody(pydantic.BaseModel):
    """The new value."""

    model_config = pydantic.ConfigDict(extra="forbid")

    value: pydantic.SecretStr = pydantic.Field(min_length=1, max_length=credentials.LONGEST)


_IF_MATCH = OpenApiParameter(
    "If-Match", location=OpenApiParameter.HEADER, required=False, description="The version the caller saw, quoted."
)


class SecretsView(AtomView):
    """`GET /api/v1/datasources/{id}/secrets`."""

    required_scope = Scope.DATASOURCE_ADMIN

    @extend_schema(tags=["datasources"], responses={200: dict})
    def get(self, request: Request, datasource_id: UUID) -> Response:
        """Names, versions, who and when; never a value."""
        rows = reads.list_secrets(self.actor, datasource_id)
        return Response({"items": [shapes.secret(row) for row in rows], "next": None})


class SecretView(AtomView):
    """`PUT /api/v1/datasources/{id}/secrets/{key}`."""

    required_scope = Scope.DATASOURCE_ADMIN

    @extend_schema(tags=["datasources"], parameters=[_IF_MATCH], request=RotateBody, responses={200: dict})
    def put(self, request: Request, datasource_id: UUID, key: str) -> Response:
        """Try the new value against the source; only when it works it becomes the current version."""
        body = self.parse(RotateBody)
        found = credentials.rotate(
            self.actor, datasource_id, key, body.value.get_secret_value(), expected=_expected(request)
        )
        answer = {**shapes.secret(found.secret), "test": shapes.report(found.report)}
        return Response(answer, headers={"ETag": f'"{found.secret.version}"', "Cache-Control": "no-store"})


def _expected(request: Request) -> int | None:
    text = request.headers.get("If-Match", "").strip()
    if text in ("", "*"):
        return None
    number = text.removeprefix("W/").strip('"')
    if not number.isdigit():
        raise InvalidInput('If-Match is the version of the secret, like “"3"”.')
    return int(number)
