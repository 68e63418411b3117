"""Doors of the registry: `/api/v1/datasources…` and `/api/v1/connectors/<type>/connect`."""

from typing import Any
from uuid import UUID

import pydantic
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import paging
from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.datasources.api import shapes
from apps.datasources.registry import KINDS
from apps.datasources.selectors import registry as reads
from apps.datasources.services import registry


class ListQuery(pydantic.BaseModel):
    """Filters and paging of the list."""

    status: str = ""
    type: str = ""
    owner: UUID | None = None
    tag: str = ""
    q: str = ""
    cursor: str | None = None
    limit: int = pydantic.Field(50, ge=1, le=paging.MAX_LIMIT)


class CreateBody(pydantic.BaseModel):
    """A draft."""

    model_config = pydantic.ConfigDict(extra="forbid")

    name: str = pydantic.Field(min_length=1, max_length=120)
    type: str
    config: dict[str, Any] = {}
    secrets: dict[str, pydantic.SecretStr] = {}
    description: str = ""
    tags: list[str] = pydantic.Field(default=[], max_length=30)
    project: str = ""
    comment: str = ""


class UpdateBody(pydantic.BaseModel):
    """What may be changed without a new version."""

    model_config = pydantic.ConfigDict(extra="forbid")

    name: str | None = pydantic.Field(None, min_length=1, max_length=120)
    description: str | None = None
    tags: list[str] | None = None
    project: str | None = None


class ConnectBody(pydantic.BaseModel):
    """Connect a type whose configuration needs no shape of its own here."""

    model_config = pydantic.ConfigDict(extra="forbid")

    name: str = pydantic.Field(min_length=1, max_length=120)
    config: dict[str, Any] = {}
    secrets: dict[str, pydantic.SecretStr] = {}
    description: str = ""
    tags: list[str] = []


def _plain(secrets: dict[str, pydantic.SecretStr]) -> dict[str, str]:
    return {key: value.get_secret_value() for key, value in secrets.items()}


class DatasourcesView(AtomView):
    """`GET, POST /api/v1/datasources`."""

    required_scopes = {"GET": Scope.DATASOURCE_VIEWER, "POST": Scope.DATASOURCE_ADMIN}

    @extend_schema(tags=["datasources"], parameters=[], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The datasources, newest first."""
        query = self.query(ListQuery)
        chosen = reads.Filter(query.status, query.type, query.owner, query.tag, query.q)
        rows = reads.list_datasources(self.actor, chosen)
        page = paging.paginate(rows, cursor=query.cursor, limit=query.limit)
        return Response(paging.as_json(page, shapes.datasource))

    @extend_schema(tags=["datasources"], request=dict, responses={201: dict})
    def post(self, request: Request) -> Response:
        """A new draft."""
        body = self.parse(CreateBody)
        row = registry.create_draft(
            self.actor, name=body.name, type_name=body.type, config=body.config, secrets=_plain(body.secrets),
            description=body.description, tags=body.tags, project=body.project, comment=body.comment,
        )  # fmt: skip
        return Response(shapes.datasource(row, reads.current_version(row)), status=201)


class DatasourceView(AtomView):
    """`GET, PATCH, DELETE /api/v1/datasources/{id}`; DELETE archives."""

    required_scopes = {
        "GET": Scope.DATASOURCE_VIEWER,
        "PATCH": Scope.DATASOURCE_ADMIN,
        "DELETE": Scope.DATASOURCE_ADMIN,
    }

    @extend_schema(tags=["datasources"], responses={200: dict})
    def get(self, request: Request, datasource_id: UUID) -> Response:
        """One datasource with version, state and metrics."""
        row = reads.get_datasource_for(self.actor, datasource_id)
        return Response(shapes.datasource(row, reads.current_version(row)))

    @extend_schema(tags=["datasources"], request=dict, responses={200: dict})
    def patch(self, request: Request, datasource_id: UUID) -> Response:
        """Change name, description, tags or project."""
        changes = self.parse(UpdateBody).model_dump(exclude_none=True)
        row = registry.update_draft(self.actor, datasource_id, changes=changes)
        return Response(shapes.datasource(row, reads.current_version(row)))

    @extend_schema(tags=["datasources"], responses={200: dict})
    def delete(self, request: Request, datasource_id: UUID) -> Response:
        """Archive it."""
        return Response(shapes.datasource(registry.archive(self.actor, datasource_id)))


class ArchiveView(AtomView):
    """`POST /api/v1/datasources/{id}/archive`."""

    required_scope = Scope.DATASOURCE_ADMIN

    @extend_schema(tags=["datasources"], request=None, responses={200: dict})
    def post(self, request: Request, datasource_id: UUID) -> Response:
        """Take it out of use; history stays."""
        return Response(shapes.datasource(registry.archive(self.actor, datasource_id)))


class TestView(AtomView):
    """`POST /api/v1/datasources/{id}/test`."""

    __test__ = False
    required_scope = Scope.DATASOURCE_OPERATOR

    @extend_schema(tags=["datasources"], request=None, responses={200: dict})
    def post(self, request: Request, datasource_id: UUID) -> Response:
        """Test the current version, step by step."""
        return Response(shapes.report(registry.test(self.actor, datasource_id)))


class VersionsView(AtomView):
    """`GET /api/v1/datasources/{id}/versions`."""

    required_scope = Scope.DATASOURCE_VIEWER

    @extend_schema(tags=["datasources"], responses={200: dict})
    def get(self, request: Request, datasource_id: UUID) -> Response:
        """All versions, newest first."""
        rows = reads.list_versions(self.actor, datasource_id)
        return Response({"items": [shapes.version_of(row) for row in rows], "next": None})


class EventsView(AtomView):
    """`GET /api/v1/datasources/{id}/events`."""

    required_scope = Scope.DATASOURCE_VIEWER

    @extend_schema(tags=["datasources"], responses={200: dict})
    def get(self, request: Request, datasource_id: UUID) -> Response:
        """The newest fifty events."""
        rows = reads.list_events(self.actor, datasource_id)
        return Response({"items": [shapes.event(row) for row in rows], "next": None})


class ConnectView(AtomView):
    """`POST /api/v1/connectors/{type}/connect`."""

    required_scope = Scope.DATASOURCE_ADMIN

    @extend_schema(tags=["datasources"], request=dict, responses={201: dict})
    def post(self, request: Request, type_name: str) -> Response:
        """Test first; on success save and publish version 1."""
        body = self.parse(ConnectBody)
        row, tested = registry.connect(
            self.actor, name=body.name, type_name=type_name, config=body.config, secrets=_plain(body.secrets),
            description=body.description, tags=body.tags,
        )  # fmt: skip
        answer = {"datasource_id": row.id, "status": row.status, "simulated": tested.simulated}
        return Response({**answer, "test": shapes.report(tested)}, status=201)


class KindsView(AtomView):
    """`GET /api/v1/connectors`."""

    required_scope = Scope.DATASOURCE_VIEWER

    @extend_schema(tags=["datasources"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The types of datasource with the JSON Schema of their configuration."""
        kinds = [
            {"type": kind.type, "title": kind.title, "description": kind.description, "schema": kind.schema}
            for kind in KINDS.values()
        ]
        return Response({"items": kinds, "next": None})
