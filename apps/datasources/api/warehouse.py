"""Doors of the sandbox warehouse's tables: `/api/v1/warehouse/…`."""

import json
from typing import Any
from uuid import UUID

import pydantic
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.errors import InvalidInput
from apps.core.permissions import Scope
from apps.core.rest import OrjsonParser
from apps.datasources.api import shapes
from apps.datasources.connectors.sandbox.intake import Choices
from apps.datasources.enums import LoadMode
from apps.datasources.models import SandboxUpload
from apps.datasources.selectors import warehouse as reads
from apps.datasources.services import demo, uploads, warehouse
from apps.datasources.services.uploads import Destination
from atom_project.config import config

MULTIPART = frozenset({"multipart/form-data"})
UPLOAD_BYTES = (config.warehouse_upload_limit_mb + 1) * (1 << 20)


class LoadFields(pydantic.BaseModel):
    """Fields beside the file; empty ones mean "as found"."""

    model_config = pydantic.ConfigDict(extra="ignore")

    table: str = ""
    dataset: str = uploads.DEFAULT_DATASET
    mode: LoadMode = LoadMode.NEW
    partition: str = ""
    description: str = ""
    delimiter: str = pydantic.Field("", max_length=2)
    header: bool | None = None
    types: dict[str, str] = {}

    @pydantic.field_validator("types", mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value else value or {}

    @pydantic.field_validator("header", mode="before")
    @classmethod
    def _auto(cls, value: Any) -> Any:
        return None if value in {"", "auto"} else value

    @pydantic.field_validator("delimiter", mode="before")
    @classmethod
    def _tab(cls, value: Any) -> Any:
        return "\t" if value in {"\\t", "tab"} else value

    def destination(self) -> Destination:
        """As the service takes it."""
        return Destination(
            self.table,
            self.dataset or uploads.DEFAULT_DATASET,
            self.mode,
            self.partition,
            self.description,
            self.choices(),
        )

    def choices(self) -> Choices:
        """What was decided about reading."""
        return Choices(self.delimiter, self.header, self.types)


class TablesView(AtomView):
    """`GET, POST /api/v1/warehouse/tables`."""

    required_scopes = {"GET": Scope.DATASOURCE_VIEWER, "POST": Scope.DATASOURCE_OPERATOR}
    parser_classes = [MultiPartParser]
    max_body_bytes = UPLOAD_BYTES
    content_types = MULTIPART

    @extend_schema(tags=["warehouse"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The tables of the sandbox warehouse."""
        return Response({"items": [shapes.table(row) for row in reads.list_tables(self.actor)], "next": None})

    @extend_schema(tags=["warehouse"], request={"multipart/form-data": dict}, responses={201: dict})
    def post(self, request: Request) -> Response:
        """A CSV, JSON lines or Parquet file as a table, in one go."""
        upload = _staged(self, request)
        table = uploads.load(self.actor, upload.id, self.parse(LoadFields).destination())
        shown = shapes.table(reads.get_table_for(self.actor, table.id))
        found = {name: upload.preview[name] for name in ("rows", "rejected", "unreadable", "errors")}
        return Response({**shown, "loaded": found}, status=201)


class TableView(AtomView):
    """`GET, DELETE /api/v1/warehouse/tables/{id}`."""

    required_scopes = {"GET": Scope.DATASOURCE_VIEWER, "DELETE": Scope.DATASOURCE_OPERATOR}

    @extend_schema(tags=["warehouse"], responses={200: dict})
    def get(self, request: Request, table_id: UUID) -> Response:
        """One table."""
        return Response(shapes.table(reads.get_table_for(self.actor, table_id)))

    @extend_schema(tags=["warehouse"], responses={204: None})
    def delete(self, request: Request, table_id: UUID) -> Response:
        """Drop it."""
        warehouse.drop_table(self.actor, table_id)
        return Response(None, status=204)


class UploadsView(AtomView):
    """`POST /api/v1/warehouse/uploads`: stage and look, load later."""

    required_scope = Scope.DATASOURCE_OPERATOR
    parser_classes = [MultiPartParser]
    max_body_bytes = UPLOAD_BYTES
    content_types = MULTIPART

    @extend_schema(tags=["warehouse"], request={"multipart/form-data": dict}, responses={201: dict})
    def post(self, request: Request) -> Response:
        """The file's columns, types, first rows and faults."""
        return Response(_upload(_staged(self, request)), status=201)


class UploadView(AtomView):
    """`GET, POST, DELETE /api/v1/warehouse/uploads/{id}`; POST looks again under other choices."""

    required_scope = Scope.DATASOURCE_OPERATOR
    parser_classes = [OrjsonParser]

    @extend_schema(tags=["warehouse"], responses={200: dict})
    def get(self, request: Request, upload_id: UUID) -> Response:
        """The preview and the state."""
        return Response(_upload(uploads.get_upload_for(self.actor, upload_id)))

    @extend_schema(tags=["warehouse"], request=dict, responses={200: dict})
    def post(self, request: Request, upload_id: UUID) -> Response:
        """The preview under other choices."""
        return Response(_upload(uploads.look_again(self.actor, upload_id, self.parse(LoadFields).choices())))

    @extend_schema(tags=["warehouse"], responses={204: None})
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Let the file go."""
        uploads.discard(self.actor, upload_id)
        return Response(None, status=204)


class LoadView(AtomView):
    """`POST /api/v1/warehouse/uploads/{id}/load`."""

    required_scope = Scope.DATASOURCE_OPERATOR

    @extend_schema(tags=["warehouse"], request=dict, responses={201: dict})
    def post(self, request: Request, upload_id: UUID) -> Response:
        """Make the staged file a table."""
        table = uploads.load(self.actor, upload_id, self.parse(LoadFields).destination())
        return Response(shapes.table(reads.get_table_for(self.actor, table.id)), status=201)


class DemoView(AtomView):
    """`POST /api/v1/warehouse/demo`."""

    required_scope = Scope.DATASOURCE_ADMIN

    @extend_schema(tags=["warehouse"], request=None, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Load the demo company (again)."""
        assert self.actor.tenant is not None
        number = demo.load_demo(self.actor.tenant, actor=self.actor)
        tables = [shapes.table(row) for row in reads.list_tables(self.actor)]
        return Response({"commit": number, "items": tables, "simulated": True}, status=201)


def _staged(view: AtomView, request: Request) -> SandboxUpload:
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput("Send the file in the field “file”.", code="NO_FILE")
    fields = view.parse(LoadFields)
    return uploads.stage(view.actor, file.chunks(1 << 20), filename=file.name or "file", choices=fields.choices())


def _upload(row: SandboxUpload) -> dict[str, Any]:
    return {
        "id": row.id,
        "filename": row.filename,
        "format": row.format,
        "bytes": row.file_bytes,
        "state": row.state,
        "error": row.error_message,
        "table_id": row.table_id,
        "preview": row.preview,
    }
