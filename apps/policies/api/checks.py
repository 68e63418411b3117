"""Door of the safety rules: what the gate thinks of a text, without running it."""

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.policies.contracts import Dialect
from apps.policies.services import checks, settings


class CheckBody(BaseModel):
    """A text and the language it is meant to be in. Its length is judged, not refused."""

    model_config = ConfigDict(extra="forbid")

    sql: str
    dialect: Dialect


class CheckView(AtomView):
    """`POST /policies/sql/check`."""

    required_scope = Scope.QUERIES_RUN
    unread_fields = frozenset({"sql"})

    @extend_schema(operation_id="policies_sql_check", tags=["policies"], request=CheckBody, responses=dict)
    def post(self, request: Request) -> Response:
        """The verdict of the safety rules under the tenant's limits. Nothing runs and no catalog is asked."""
        body = self.parse(CheckBody)
        return Response(checks.check(body.sql, body.dialect, settings.current().limits).shown())
