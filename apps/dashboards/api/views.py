"""Program doors of dashboards."""

from datetime import date
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import paging
from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.dashboards.api import shapes
from apps.dashboards.engine.period import zone
from apps.dashboards.selectors import dashboards
from apps.dashboards.services import cards, requests
from apps.workflows.services import runs

TAG = ["Dashboards"]


class GenerateBody(BaseModel):
    """What to generate."""

    model_config = ConfigDict(extra="forbid")

    datasource_id: UUID
    templates: list[str] = Field(default_factory=list, max_length=20)
    tz: str = Field("", max_length=64)
    workflow_id: UUID | None = None


class ListQuery(BaseModel):
    """Filters of the list."""

    datasource_id: UUID | None = None
    q: str = Field("", max_length=200)
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=paging.MAX_LIMIT)


class PeriodQuery(BaseModel):
    """Which days, in which zone."""

    model_config = ConfigDict(populate_by_name=True)

    first: date | None = Field(None, alias="from", ge=date(1970, 1, 1), le=date(2999, 12, 31))
    last: date | None = Field(None, alias="to", ge=date(1970, 1, 1), le=date(2999, 12, 31))
    tz: str = Field("", max_length=64)
    version: int | None = Field(None, ge=1, le=2**31 - 1)


class Generate(AtomView):
    """`POST /dashboards/generate`."""

    required_scope = Scope.DASHBOARD_GENERATE

    @extend_schema(tags=TAG, request=OpenApiTypes.OBJECT, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Start generating dashboards from the confirmed tables of a datasource."""
        body = self.parse(GenerateBody)
        if body.workflow_id is not None:
            return Response(shapes.run_json(runs.resume(body.workflow_id, actor=self.actor)), status=202)
        wish = requests.wish_of(self.actor, body.datasource_id, body.templates, _zone(body.tz))
        return Response(shapes.run_json(requests.start(self.actor, wish)), status=202)


class Estimate(AtomView):
    """`POST /dashboards/estimate`."""

    required_scope = Scope.DASHBOARD_GENERATE

    @extend_schema(tags=TAG, request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """What generating would read: the estimates of all cards and their sum. Nothing runs."""
        body = self.parse(GenerateBody)
        wish = requests.wish_of(self.actor, body.datasource_id, body.templates, _zone(body.tz))
        made, costs = requests.estimate(self.actor, wish)
        return Response({"period": made.period.as_json(), **costs.model_dump(mode="json")})


class DashboardList(AtomView):
    """`GET /dashboards`."""

    required_scope = Scope.DASHBOARD_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Dashboards, newest first."""
        wish = self.query(ListQuery)
        rows = dashboards.list_for(self.actor, datasource_id=wish.datasource_id, text=wish.q)
        page = paging.paginate(rows, order=("-generated_at", "-id"), cursor=wish.cursor, limit=wish.limit)
        return Response(paging.as_json(page, shapes.dashboard_json))


class DashboardDetail(AtomView):
    """`GET /dashboards/{id}`."""

    required_scope = Scope.DASHBOARD_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, dashboard_id: UUID) -> Response:
        """One dashboard with its cards and layout."""
        dashboard = dashboards.get_for(self.actor, dashboard_id)
        found = [shapes.card_json(card) for card in dashboards.cards_of(dashboard)]
        return Response({**shapes.dashboard_json(dashboard), "cards": found, "omitted": dashboard.omitted})


class CardData(AtomView):
    """`GET /dashboards/{id}/cards/{card}/data?from&to&tz`."""

    required_scope = Scope.DASHBOARD_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, dashboard_id: UUID, card: str) -> Response:
        """A card's figures for a period; without one, the dashboard's opening period."""
        wish = self.query(PeriodQuery)
        asked = dashboards.get_card_question_for(self.actor, dashboard_id, card, version=wish.version)
        tenant = self.actor.tenant
        tz = _zone(wish.tz) or (tenant.timezone if tenant else "UTC")
        period = cards.period_of(self.actor, asked.dashboard, first=wish.first, last=wish.last, tz=tz)
        return Response(shapes.answer_json(asked, cards.answered(self.actor, asked, period)))


def _zone(name: str) -> str:
    """The name when it is a zone (InvalidInput otherwise), "" when it is empty."""
    if name:
        zone(name)
    return name
