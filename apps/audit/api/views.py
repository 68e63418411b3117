"""The audit trail for programs: search and verify."""

from datetime import datetime

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.audit.selectors import entries
from apps.audit.services import verify
from apps.core.api import AtomView
from apps.core.permissions import Scope


class AuditQuery(BaseModel):
    """Filters of the list; times are ISO 8601 with a zone."""

    model_config = ConfigDict(extra="forbid")

    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)


class AuditListView(AtomView):
    """`GET /api/v1/audit`."""

    required_scope = Scope.AUDIT_READ

    @extend_schema(tags=["audit"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Entries, newest first."""
        query = self.query(AuditQuery)
        search = entries.EntryFilter(**query.model_dump(exclude={"cursor", "limit"}))
        page = entries.list_entries_for(self.actor, search, cursor=query.cursor, limit=query.limit)
        labels = entries.labels_of(page.items)
        return Response({"items": [entries.as_json(row, labels) for row in page.items], "next": page.next_cursor})


class AuditVerifyView(AtomView):
    """`GET /api/v1/audit/verify`."""

    required_scope = Scope.AUDIT_READ

    @extend_schema(tags=["audit"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Whether the chain is whole, and the first broken row otherwise."""
        result = verify.verify_chain()
        return Response(
            {
                "whole": result.whole,
                "entries": result.entries,
                "last_seq": result.last_seq,
                "first_broken": result.first_broken,
            }
        )
