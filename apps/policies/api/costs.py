"""Doors of the cost ledger: `/api/v1/costs…`."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from pydantic import AwareDatetime, BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.actor import Actor
from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.policies.api import ledger_csv, shapes
from apps.policies.selectors import costs
from apps.policies.selectors.costs import CostFilter
from apps.policies.services import ledger


class CostQuery(BaseModel):
    """Period and filter; `since` and `until` (with a zone) override the period."""

    period: Literal["24h", "7d", "30d", "90d"] = "30d"
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    datasource_id: UUID | None = None
    actor_id: UUID | None = None
    artifact: Annotated[str, Field(max_length=200)] = ""
    state: Literal["", "reserved", "settled", "released", "lost"] = ""
    query_hash: Annotated[str, Field(max_length=64)] = ""
    by: Literal["", "day", "hour"] = ""
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    def search(self) -> CostFilter:
        """The filter of the selectors."""
        return CostFilter(
            period=self.period, since=self.since, until=self.until, datasource_id=self.datasource_id,
            actor_id=self.actor_id, artifact=self.artifact, state=self.state, query_hash=self.query_hash,
        )  # fmt: skip


class CostsView(AtomView):
    """`GET /costs`."""

    required_scopes = {"GET": Scope.AUDIT_READ}

    @extend_schema(operation_id="costs_list", responses=dict)
    def get(self, request: Request) -> Response:
        """The ledger with the period's sums by time, and the rolling hour."""
        asked = self.query(CostQuery)
        page = costs.list_entries_for(self.actor, asked.search(), cursor=asked.cursor, limit=asked.limit)
        summary = shapes.summary(costs.summary_for(self.actor, asked.search(), by=asked.by))
        return Response({"items": [shapes.entry(row) for row in page.items], "next": page.next_cursor, **summary})


class SharesView(AtomView):
    """`GET /costs/shares`."""

    required_scopes = {"GET": Scope.AUDIT_READ}

    @extend_schema(operation_id="costs_shares", responses=dict)
    def get(self, request: Request) -> Response:
        """Who and what took most: the ten first people, datasources, artifacts and statements."""
        search = self.query(CostQuery).search()
        dimensions = {"people": "actor_id", "datasources": "datasource_id", "artifacts": "artifact_ref"}
        dimensions["queries"] = "query_hash"
        return Response(
            {
                name: [shapes.share(each) for each in costs.shares_for(self.actor, search, column)]
                for name, column in dimensions.items()
            }
        )


class BudgetView(AtomView):
    """`GET /costs/budget`."""

    required_scopes = {"GET": Scope.QUERIES_RUN}

    @extend_schema(operation_id="costs_budget", responses=dict)
    def get(self, request: Request) -> Response:
        """The rolling hour: what is used, what is left."""
        hour = costs.hour_for(self.actor)
        return Response(
            {
                "allowed": hour.allowed,
                "bytes_used": hour.bytes_used,
                "bytes_remaining": hour.bytes_remaining,
                "budget": hour.budget,
                "suggestion": hour.suggestion,
            }
        )


class ExportView(AtomView):
    """`GET /costs/export`."""

    required_scopes = {"GET": Scope.AUDIT_READ}

    @extend_schema(operation_id="costs_export", responses=str)
    def get(self, request: Request) -> HttpResponse:
        """The filtered ledger as CSV, at most fifty thousand rows."""
        return ledger_file(self.actor, self.query(CostQuery).search())


def ledger_file(actor: Actor, search: CostFilter) -> HttpResponse:
    """The answer that downloads as `costs.csv`."""
    text = ledger_csv.text_of(costs.export_entries_for(actor, search))
    headers = {"Content-Disposition": 'attachment; filename="costs.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


class ReleaseView(AtomView):
    """`POST /costs/{id}/release`."""

    required_scopes = {"POST": Scope.SETTINGS_MANAGE}

    @extend_schema(operation_id="costs_release", request=None, responses=dict)
    def post(self, request: Request, entry_id: UUID) -> Response:
        """Say that a lost execution billed nothing."""
        return Response(shapes.entry(ledger.release_lost(self.actor, entry_id)))
