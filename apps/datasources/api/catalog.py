"""Doors of the catalog: profile, tables, columns, recommendations, review of personal data."""

from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import paging
from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.datasources.api import catalog_shapes as shapes
from apps.datasources.selectors import catalog
from apps.datasources.selectors import personal_data as reviews
from apps.datasources.services import columns, personal_data, profile_cost, profiling, recommendations


class ProfileView(AtomView):
    """`POST /api/v1/catalog/profile`."""

    required_scope = Scope.CATALOG_PROFILE

    @extend_schema(tags=["catalog"], request=profiling.ProfileInput, responses={202: dict})
    def post(self, request: Request) -> Response:
        """Profile all tables of a datasource, or some; joins a run under way."""
        run = profiling.start(self.actor, self.parse(profiling.ProfileInput))
        return Response({"workflow_id": str(run.id), "status": run.status, "joined": run.joined}, status=202)


class ProfilePreviewView(AtomView):
    """`POST /api/v1/catalog/profile/preview`."""

    required_scope = Scope.CATALOG_PROFILE

    @extend_schema(tags=["catalog"], request=profiling.ProfileInput, responses={200: dict})
    def post(self, request: Request) -> Response:
        """What the same request to `profile` would read and cost, by dry runs."""
        cost = profile_cost.estimate(self.actor, self.parse(profiling.ProfileInput))
        shown = {"tables": cost.tables, "sampled_tables": cost.sampled}
        return Response({**shown, "estimated_bytes": cost.bytes, "estimated_cost_usd": float(cost.usd)})


class TablesView(AtomView):
    """`GET /api/v1/catalog/tables`."""

    required_scope = Scope.CATALOG_READ

    @extend_schema(tags=["catalog"], parameters=[], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Tables, by dataset and name; `q` searches names, descriptions and column names."""
        query = self.query(shapes.TableQuery)
        rows = catalog.list_tables(self.actor, query.datasource_id, text=query.q)
        page = paging.paginate(rows, order=("dataset", "name", "id"), cursor=query.cursor, limit=query.limit)
        return Response(paging.as_json(page, shapes.table_json))


class TableView(AtomView):
    """`GET /api/v1/catalog/tables/{id}`."""

    required_scope = Scope.CATALOG_READ

    @extend_schema(tags=["catalog"], responses={200: dict})
    def get(self, request: Request, table_id: UUID) -> Response:
        """A table with the figures of its columns and its drift."""
        table = catalog.get_table_for(self.actor, table_id)
        return Response(shapes.table_detail(table, [dict(item) for item in catalog.drift(table)]))


class ColumnView(AtomView):
    """`PATCH /api/v1/catalog/columns/{id}`."""

    required_scope = Scope.CATALOG_WRITE

    @extend_schema(tags=["catalog"], request=shapes.ColumnPatch, responses={200: dict})
    def patch(self, request: Request, column_id: UUID) -> Response:
        """Change a column's description or semantic type; what people say outlives every profile."""
        body = self.parse(shapes.ColumnPatch)
        changed = columns.edit(self.actor, column_id, body.model_dump(exclude_unset=True))
        return Response(shapes.column_json(changed))


class RecommendationsView(AtomView):
    """`GET /api/v1/recommendations`."""

    required_scope = Scope.CATALOG_READ

    @extend_schema(tags=["recommendations"], parameters=[], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Recommendations, newest table first."""
        query = self.query(shapes.RecommendationQuery)
        rows = catalog.list_recommendations(self.actor, query.datasource_id, status=query.status)
        page = paging.paginate(rows, order=("-confidence", "id"), cursor=query.cursor, limit=query.limit)
        return Response(paging.as_json(page, shapes.recommendation_json))


class ConfirmView(AtomView):
    """`POST /api/v1/recommendations/confirm`."""

    required_scope = Scope.CATALOG_WRITE

    @extend_schema(tags=["recommendations"], request=shapes.DecisionsBody, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Confirm (with changed fields) or reject; all decisions are applied, or none."""
        body = self.parse(shapes.DecisionsBody)
        decisions = [recommendations.Decision(item.id, item.decision == "confirm", item.fields) for item in body.items]
        rows = recommendations.decide(self.actor, decisions)
        return Response({"items": [shapes.recommendation_json(row) for row in rows]})


class ReviewView(AtomView):
    """`GET /api/v1/pii/review`."""

    required_scope = Scope.CATALOG_READ

    @extend_schema(tags=["pii"], parameters=[], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Columns somebody should decide about; evidence as shapes, digests and counts."""
        query = self.query(shapes.ReviewQuery)
        rows = reviews.list_waiting(self.actor, query.chosen())
        page = paging.paginate(rows, order=("pii_tier", "-id"), cursor=query.cursor, limit=query.limit)
        return Response(paging.as_json(page, shapes.review_json))


class ReviewConfirmView(AtomView):
    """`POST /api/v1/pii/review/confirm`."""

    required_scope = Scope.PII_REVIEW

    @extend_schema(tags=["pii"], request=shapes.ReviewBody, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Confirm, reject or take back, one or many in one action; decisions last, saying one again changes nothing."""
        body = self.parse(shapes.ReviewBody)
        rows = personal_data.decide(self.actor, {item.id: item.decision for item in body.items})
        return Response({"items": [shapes.review_json(row) for row in rows]})


urlpatterns = [
    path("catalog/profile", ProfileView.as_view(), name="catalog_profile"),
    path("catalog/profile/preview", ProfilePreviewView.as_view(), name="catalog_profile_preview"),
    path("catalog/tables", TablesView.as_view(), name="catalog_tables"),
    path("catalog/tables/<uuid:table_id>", TableView.as_view(), name="catalog_table"),
    path("catalog/columns/<uuid:column_id>", ColumnView.as_view(), name="catalog_column"),
    path("recommendations", RecommendationsView.as_view(), name="recommendations"),
    path("recommendations/confirm", ConfirmView.as_view(), name="recommendations_confirm"),
    path("pii/review", ReviewView.as_view(), name="pii_review"),
    path("pii/review/confirm", ReviewConfirmView.as_view(), name="pii_review_confirm"),
]
