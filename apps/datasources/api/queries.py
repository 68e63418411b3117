"""Doors of execution: `/api/v1/queries/…`."""

from uuid import UUID

import pydantic
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.datasources.api import shapes
from apps.datasources.services import execution

_MAX_SQL = 64 * 1024


class QueryBody(pydantic.BaseModel):
    """A statement for one datasource."""

    model_config = pydantic.ConfigDict(extra="forbid")

    sql: str = pydantic.Field(min_length=1, max_length=_MAX_SQL)
    datasource_id: UUID
    clear_pii: bool = False
    """Ask for personal data in clear: who may not see it gets a question to another person (409)."""


class RunBody(QueryBody):
    """A statement to run now."""

    max_rows: int | None = pydantic.Field(None, ge=1, le=100_000)
    approval_id: UUID | None = None
    idempotency_key: str | None = pydantic.Field(None, max_length=200)


class ApproveBody(pydantic.BaseModel):
    """A preview to run."""

    model_config = pydantic.ConfigDict(extra="forbid")

    preview_id: UUID
    approval_id: UUID | None = None
    clear_pii: bool = False


class RunView(AtomView):
    """`POST /api/v1/queries/run`."""

    required_scope = Scope.QUERIES_RUN
    unread_fields = frozenset({"sql"})
    executes = True

    @extend_schema(tags=["queries"], request=dict, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Run one SELECT through the gate."""
        body = self.parse(RunBody)
        found = execution.run(
            self.actor, body.datasource_id, body.sql, max_rows=body.max_rows, approval_id=body.approval_id,
            idempotency_key=body.idempotency_key, clear_pii=body.clear_pii,
        )  # fmt: skip
        return Response(shapes.result(found))


class PreviewView(AtomView):
    """`POST /api/v1/queries/preview`."""

    required_scope = Scope.QUERIES_RUN
    unread_fields = frozenset({"sql"})

    @extend_schema(tags=["queries"], request=dict, responses={200: dict})
    def post(self, request: Request) -> Response:
        """What the gate says, what it would cost; nothing runs."""
        body = self.parse(QueryBody)
        return Response(execution.preview(self.actor, body.datasource_id, body.sql, clear_pii=body.clear_pii).fields)


class ApproveRunView(AtomView):
    """`POST /api/v1/queries/approve-run`."""

    required_scope = Scope.QUERIES_RUN
    unread_fields = frozenset({"sql"})
    executes = True

    @extend_schema(tags=["queries"], request=dict, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Run what was previewed, with its approval."""
        body = self.parse(ApproveBody)
        found = execution.approve_run(
            self.actor, body.preview_id, approval_id=body.approval_id, clear_pii=body.clear_pii
        )
        return Response(shapes.result(found))
