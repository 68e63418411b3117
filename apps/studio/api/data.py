"""The data doors of the studio: query, explain, tables."""

from dataclasses import asdict, fields
from typing import Annotated, Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.studio.contracts import QueryAnswer
from apps.studio.selectors import project
from apps.studio.services import queries


class QueryBody(BaseModel):
    """`limit` may lower the tenant's row limit; without `datasource_id` the studio project is meant."""

    model_config = ConfigDict(extra="forbid")

    sql: str
    limit: Annotated[int, Field(ge=1, le=10_000)] | None = None
    datasource_id: UUID | None = None
    approval_id: UUID | None = None
    clear_pii: bool = False


class ExplainBody(BaseModel):
    """ANALYZE, which runs the statement, is not offered yet."""

    model_config = ConfigDict(extra="forbid")

    sql: str
    datasource_id: UUID | None = None


class TablesQuery(BaseModel):
    """Which Postgres datasource to list."""

    datasource_id: UUID | None = None


class ResultColumnOut(BaseModel):
    """A column of a result, typed as the connector names it."""

    name: str
    type: str


class QueryOut(BaseModel):
    """Values as JSON that loses nothing: exact decimals and integers beyond 2^53 are text."""

    columns: list[ResultColumnOut]
    rows: list[list[Any]]
    row_count: int
    duration_ms: float
    query_hash: str
    cache_hit: bool
    simulated: bool
    redacted: list[str]
    warnings: list[str]


class ColumnOut(BaseModel):
    """A column of a table."""

    name: str
    type: str
    nullable: bool
    default: str | None
    comment: str | None


class TableOut(BaseModel):
    """A table, view, materialised or foreign table."""

    schema_: str = Field(alias="schema")
    name: str
    kind: str
    columns: list[ColumnOut]
    primary_key: list[str]
    row_estimate: int | None


class TablesOut(BaseModel):
    """Everything the read-only role may read."""

    tables: list[TableOut]


_ANSWER = tuple(field.name for field in fields(QueryAnswer))  # asdict would copy every row


class QueryView(AtomView):
    """`POST /data/query`."""

    required_scopes = {"POST": Scope.QUERIES_RUN}
    executes = True

    @extend_schema(operation_id="data_query", request=QueryBody, responses=QueryOut)
    def post(self, request: Request) -> Response:
        """Run one read on the studio project or a datasource."""
        body = self.parse(QueryBody)
        answer = queries.run(
            self.actor, body.sql, datasource_id=body.datasource_id, limit=body.limit, approval_id=body.approval_id,
            clear_pii=body.clear_pii,
        )  # fmt: skip
        return Response({name: getattr(answer, name) for name in _ANSWER})


class ExplainView(AtomView):
    """`POST /data/explain`."""

    required_scopes = {"POST": Scope.QUERIES_RUN}

    @extend_schema(operation_id="data_explain", request=ExplainBody, responses=dict)
    def post(self, request: Request) -> Response:
        """The planner's view of a statement; nothing runs."""
        body = self.parse(ExplainBody)
        return Response(asdict(queries.explain(self.actor, body.sql, datasource_id=body.datasource_id)))


class TablesView(AtomView):
    """`GET /data/tables`."""

    required_scopes = {"GET": Scope.STUDIO_READ}

    @extend_schema(operation_id="data_tables", parameters=[], responses=TablesOut)
    def get(self, request: Request) -> Response:
        """Tables with columns, keys and row estimates."""
        found = project.list_tables(self.actor, self.query(TablesQuery).datasource_id)
        return Response({"tables": [_table(asdict(table)) for table in found]})


def _table(table: dict[str, Any]) -> dict[str, Any]:
    names = ("schema", "name", "kind", "columns", "primary_key", "row_estimate", "comment", "bytes")
    return {name: table[name] for name in names}
