"""The audit trail for programs: search, export, verify, and how long it is kept."""

from dataclasses import asdict
from datetime import datetime
from typing import ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.audit.selectors import entries
from apps.audit.services import export, retention, verify
from apps.audit.services.export import ExportFormat
from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.core.rest import FirstRenderer

_TEXTS = ("actor", "action", "object_type", "object_id", "decision", "outcome", "request_id")
_FILTERS = [
    *(OpenApiParameter(name, OpenApiTypes.STR) for name in _TEXTS),
    *(OpenApiParameter(name, OpenApiTypes.DATETIME) for name in ("since", "until")),
]


class AuditFilter(BaseModel):
    """Filters; times are ISO 8601 with a zone."""

    model_config = ConfigDict(extra="forbid")

    actor: str = Field("", max_length=254)
    action: str = Field("", max_length=80)
    object_type: str = Field("", max_length=40)
    object_id: str = Field("", max_length=120)
    decision: str = Field("", max_length=20)
    outcome: str = Field("", max_length=12)
    request_id: str = Field("", max_length=128)
    since: datetime | None = None
    until: datetime | None = None

    def search(self) -> entries.EntryFilter:
        """The filters alone, for the selector."""
        return entries.EntryFilter(**{name: getattr(self, name) for name in entries.EntryFilter.__dataclass_fields__})


class AuditQuery(AuditFilter):
    """Filters of the list, and which page of it."""

    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)


class ExportQuery(AuditFilter):
    """Filters of the file, and how it is written."""

    format: ExportFormat = ExportFormat.JSONL


class RetentionBody(BaseModel):
    """How long names, and after a purge entries, are kept."""

    model_config = ConfigDict(extra="forbid")

    keep_days: int = Field(ge=retention.FEWEST_DAYS, le=retention.MOST_DAYS)
    legal_hold: bool = False


class AuditListView(AtomView):
    """`GET /api/v1/audit`."""

    required_scope = Scope.AUDIT_READ

    @extend_schema(
        tags=["audit"],
        parameters=[*_FILTERS, OpenApiParameter("cursor"), OpenApiParameter("limit", OpenApiTypes.INT)],
        responses={200: dict},
    )
    def get(self, request: Request) -> Response:
        """Entries, newest first."""
        query = self.query(AuditQuery)
        page = entries.list_entries_for(self.actor, query.search(), cursor=query.cursor, limit=query.limit)
        labels = entries.labels_of(page.items)
        return Response({"items": [entries.as_json(row, labels) for row in page.items], "next": page.next_cursor})


class AuditExportView(AtomView):
    """`GET /api/v1/audit/export`."""

    required_scope = Scope.AUDIT_READ
    content_negotiation_class = FirstRenderer

    @extend_schema(
        tags=["audit"],
        parameters=[*_FILTERS, OpenApiParameter("format", enum=["csv", "jsonl"])],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """All matching entries as JSON lines or CSV, streamed; the export is an entry itself."""
        query = self.query(ExportQuery)
        blocks = export.export(self.actor, query.search(), query.format)
        response = StreamingHttpResponse(blocks, content_type=query.format.media_type)
        response["Content-Disposition"] = f'attachment; filename="audit.{query.format}"'
        response["Cache-Control"] = "no-store"
        return response


class AuditVerifyView(AtomView):
    """`GET /api/v1/audit/verify`."""

    required_scope = Scope.AUDIT_READ

    @extend_schema(tags=["audit"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Whether the chain is whole and agrees with its anchors, and the first broken entry otherwise."""
        result = verify.verify_chain()
        return Response({"whole": result.whole, **asdict(result)})


class AuditRetentionView(AtomView):
    """`GET` and `PUT /api/v1/audit/retention`."""

    required_scopes: ClassVar = {"GET": Scope.AUDIT_READ, "PUT": Scope.SETTINGS_MANAGE}

    @extend_schema(tags=["audit"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The rule that holds."""
        return Response(asdict(retention.rule()))

    @extend_schema(tags=["audit"], request=RetentionBody, responses={200: dict})
    def put(self, request: Request) -> Response:
        """Another rule from now on."""
        body = self.parse(RetentionBody)
        return Response(asdict(retention.set_rule(self.actor, retention.Rule(body.keep_days, body.legal_hold))))
