"""What the workspace used and what its plan allows."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.tenancy.selectors import usage


class UsageView(AtomView):
    """`GET /api/v1/tenants/usage`."""

    required_scope = Scope.SETTINGS_MANAGE

    @extend_schema(tags=["tenants"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Plan, limits, this month, recent days and months."""
        return Response(usage.as_answer(usage.usage_for(self.actor)))
