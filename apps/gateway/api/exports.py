"""Exports of a workspace: begin one, find them again, fetch the archive."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.gateway.services.exports import starting


def _answer(export: starting.Export) -> dict[str, Any]:
    packed = export.packed
    return {
        "workflow_id": str(export.run_id),
        "status": export.status,
        "progress": export.progress,
        "asked_at": export.asked_at.isoformat(),
        "kept_until": export.kept_until.isoformat() if export.kept_until else None,
        "bytes": packed.bytes if packed else None,
        "sha256": packed.sha256 if packed else None,
        "is_ready": export.is_ready,
    }


class ExportsView(AtomView):
    """`GET|POST /api/v1/tenants/exports`."""

    required_scope = Scope.TENANT_MANAGE

    @extend_schema(tags=["tenants"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """The last twenty exports, newest first."""
        return Response({"items": [_answer(each) for each in starting.list_for(self.actor)]})

    @extend_schema(tags=["tenants"], responses={202: dict})
    def post(self, request: Request) -> Response:
        """Begin one, or join the one under way; follow it as a workflow."""
        run = starting.start(self.actor)
        return Response({"workflow_id": str(run.id), "status": run.status, "joined": run.joined}, status=202)


class ExportLinkView(AtomView):
    """`POST /api/v1/tenants/exports/{workflow_id}/link`."""

    required_scope = Scope.TENANT_MANAGE

    @extend_schema(tags=["tenants"], responses={200: dict})
    def post(self, request: Request, run_id: UUID) -> Response:
        """A signed address of the archive, good for an hour."""
        return Response({"url": starting.link_for(self.actor, run_id), "expires_in": starting.LINK_SECONDS})
