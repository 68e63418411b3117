"""Doors of approvals and costs."""

from typing import Annotated, Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.policies.models import Approval, LedgerEntry
from apps.policies.selectors import approvals as reads
from apps.policies.selectors import costs
from apps.policies.services import approvals


class ListQuery(BaseModel):
    """Paging; `state` is pending, approved, rejected, expired or used."""

    state: str = ""
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class DecideBody(BaseModel):
    """A word on why."""

    model_config = ConfigDict(extra="forbid")

    comment: Annotated[str, Field(max_length=2000)] = ""


class ApprovalsView(AtomView):
    """`GET /approvals`."""

    required_scopes = {"GET": Scope.APPROVALS_READ}

    @extend_schema(operation_id="approvals_list", responses=dict)
    def get(self, request: Request) -> Response:
        """Approvals, newest first."""
        asked = self.query(ListQuery)
        page = reads.list_approvals_for(self.actor, state=asked.state, cursor=asked.cursor, limit=asked.limit)
        return Response({"items": [shown(row) for row in page.items], "next": page.next_cursor})


class ApprovalView(AtomView):
    """`GET /approvals/{id}`."""

    required_scopes = {"GET": Scope.APPROVALS_READ}

    @extend_schema(operation_id="approvals_read", responses=dict)
    def get(self, request: Request, approval_id: UUID) -> Response:
        """One approval."""
        return Response(shown(reads.get_approval_for(self.actor, approval_id)))


class ApproveView(AtomView):
    """`POST /approvals/{id}/approve`."""

    required_scopes = {"POST": Scope.QUERIES_APPROVE}

    @extend_schema(operation_id="approvals_approve", request=DecideBody, responses=dict)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Say yes."""
        body = self.parse(DecideBody)
        return Response(shown(approvals.decide(self.actor, approval_id, approve=True, comment=body.comment)))


class RejectView(AtomView):
    """`POST /approvals/{id}/reject`."""

    required_scopes = {"POST": Scope.QUERIES_APPROVE}

    @extend_schema(operation_id="approvals_reject", request=DecideBody, responses=dict)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Say no."""
        body = self.parse(DecideBody)
        return Response(shown(approvals.decide(self.actor, approval_id, approve=False, comment=body.comment)))


class CostsView(AtomView):
    """`GET /costs`."""

    required_scopes = {"GET": Scope.AUDIT_READ}

    @extend_schema(operation_id="costs_list", responses=dict)
    def get(self, request: Request) -> Response:
        """The ledger with the last 30 days and the rolling hour."""
        asked = self.query(ListQuery)
        page = costs.list_entries_for(self.actor, cursor=asked.cursor, limit=asked.limit)
        summary = costs.summary_for(self.actor)
        return Response(
            {
                "items": [entry(row) for row in page.items],
                "next": page.next_cursor,
                "hour": {
                    "bytes_used": summary.hour.bytes_used,
                    "bytes_remaining": summary.hour.bytes_remaining,
                    "budget": summary.hour.budget,
                },
                "days": [
                    {
                        "day": day.day.isoformat(),
                        "executions": day.executions,
                        "bytes": day.bytes,
                        "usd": float(day.usd),
                    }
                    for day in summary.days
                ],
            }
        )


def shown(row: Approval) -> dict[str, Any]:
    """An approval as the API gives it."""
    return {
        "id": str(row.id),
        "state": row.state,
        "kinds": row.kinds,
        "query_hash": row.query_hash,
        "sql": row.sql,
        "datasource_id": str(row.datasource_id) if row.datasource_id else None,
        "requested_by": str(row.requested_by) if row.requested_by else None,
        "reasons": row.findings,
        "comment": row.comment,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "decided_by": str(row.decided_by) if row.decided_by else None,
        "decided_at": row.decided_at,
    }


def entry(row: LedgerEntry) -> dict[str, Any]:
    """A ledger entry as the API gives it; drift is actual minus estimated bytes."""
    return {
        "id": str(row.id),
        "state": row.state,
        "datasource_id": str(row.datasource_id),
        "actor_id": str(row.actor_id) if row.actor_id else None,
        "artifact": row.artifact_ref or None,
        "query_hash": row.query_hash,
        "estimated_bytes": row.estimate.bytes,
        "actual_bytes": row.actual_bytes,
        "drift_bytes": None if row.actual_bytes is None else row.actual_bytes - row.estimate.bytes,
        "usd": float(row.usd),
        "duration_ms": row.duration_ms,
        "created_at": row.created_at,
    }
