"""Doors of approvals: `/api/v1/approvals…`."""

from typing import Annotated
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.policies.api import shapes
from apps.policies.selectors import approvals as reads
from apps.policies.selectors import approvers
from apps.policies.selectors.approvals import ApprovalFilter
from apps.policies.services import approvals


class ListQuery(BaseModel):
    """Filter and paging; `state` and `kind` as in the answers, `mine` is `asked` or `decide`, `q` searches."""

    state: str = ""
    kind: str = ""
    q: Annotated[str, Field(max_length=200)] = ""
    mine: str = ""
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class DecideBody(BaseModel):
    """A word on why."""

    model_config = ConfigDict(extra="forbid")

    comment: Annotated[str, Field(max_length=2000)] = ""


class DecideManyBody(DecideBody):
    """Several at once; each is decided on its own."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    approve: bool


class ApprovalsView(AtomView):
    """`GET /approvals`."""

    required_scopes = {"GET": Scope.APPROVALS_READ}

    @extend_schema(operation_id="approvals_list", responses=dict)
    def get(self, request: Request) -> Response:
        """Approvals, newest first."""
        asked = self.query(ListQuery)
        search = ApprovalFilter(state=asked.state, kind=asked.kind, text=asked.q, mine=asked.mine)
        page = reads.list_approvals_for(self.actor, search, cursor=asked.cursor, limit=asked.limit)
        return Response({"items": [shapes.approval(row) for row in page.items], "next": page.next_cursor})


class ApprovalView(AtomView):
    """`GET /approvals/{id}`."""

    required_scopes = {"GET": Scope.APPROVALS_READ}

    @extend_schema(operation_id="approvals_read", responses=dict)
    def get(self, request: Request, approval_id: UUID) -> Response:
        """One approval with its timeline, and who may answer it."""
        row = reads.get_approval_for(self.actor, approval_id)
        eligible = approvers.eligible_for(row)
        return Response(
            {
                **shapes.approval(row),
                "timeline": shapes.timeline(reads.timeline_of(row)),
                "eligible_approvers": len(eligible),
                "shortage": approvers.shortage_of(row, eligible) if row.is_open else "",
            }
        )


class ApproveView(AtomView):
    """`POST /approvals/{id}/approve`."""

    required_scopes = {"POST": Scope.QUERIES_APPROVE}

    @extend_schema(operation_id="approvals_approve", request=DecideBody, responses=dict)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Say yes."""
        body = self.parse(DecideBody)
        return Response(shapes.approval(approvals.decide(self.actor, approval_id, approve=True, comment=body.comment)))


class RejectView(AtomView):
    """`POST /approvals/{id}/reject`."""

    required_scopes = {"POST": Scope.QUERIES_APPROVE}

    @extend_schema(operation_id="approvals_reject", request=DecideBody, responses=dict)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Say no."""
        body = self.parse(DecideBody)
        return Response(shapes.approval(approvals.decide(self.actor, approval_id, approve=False, comment=body.comment)))


class WithdrawView(AtomView):
    """`POST /approvals/{id}/withdraw`."""

    required_scopes = {"POST": Scope.APPROVALS_READ}

    @extend_schema(operation_id="approvals_withdraw", request=None, responses=dict)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Take back what one asked for."""
        return Response(shapes.approval(approvals.withdraw(self.actor, approval_id)))


class DecideManyView(AtomView):
    """`POST /approvals/decide`."""

    required_scopes = {"POST": Scope.QUERIES_APPROVE}

    @extend_schema(operation_id="approvals_decide_many", request=DecideManyBody, responses=dict)
    def post(self, request: Request) -> Response:
        """Answer several; the state of each, or why it stayed as it was."""
        body = self.parse(DecideManyBody)
        answers = approvals.decide_many(self.actor, body.ids, approve=body.approve, comment=body.comment)
        return Response({"items": [{"id": str(key), "answer": answer} for key, answer in answers.items()]})
