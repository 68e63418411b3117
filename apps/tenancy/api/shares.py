"""Sharing single objects, for programs: `/api/v1/shares/{kind}/{id}`."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.tenancy.selectors import shares
from apps.tenancy.selectors.shares import Level
from apps.tenancy.services import sharing


class RestrictionBody(BaseModel):
    """Whether only those it is shared with may open the object."""

    model_config = ConfigDict(extra="forbid")

    is_restricted: bool


class LevelBody(BaseModel):
    """What the person may do."""

    model_config = ConfigDict(extra="forbid")

    level: Level


def _shown(shared: shares.Shared) -> dict[str, Any]:
    return {
        "kind": shared.kind,
        "id": str(shared.object_id),
        "title": shared.title,
        "is_restricted": shared.is_restricted,
        "shares": [
            {"id": str(each.membership_id), "name": each.name, "email": each.email, "level": each.level}
            for each in shared.shares
        ],
    }


class SharesView(AtomView):
    """`GET|PATCH /api/v1/shares/{kind}/{id}`; kinds: `dashboard`, `memo`."""

    required_scope = Scope.MEMBERS_READ

    @extend_schema(tags=["shares"], responses={200: dict})
    def get(self, request: Request, kind: str, object_id: UUID) -> Response:
        """Whom the object is shared with."""
        return Response(_shown(shares.shared_for(self.actor, kind, object_id)))

    @extend_schema(tags=["shares"], request=RestrictionBody, responses={200: dict})
    def patch(self, request: Request, kind: str, object_id: UUID) -> Response:
        """Close the object to all but those it is shared with, or open it."""
        sharing.restrict(self.actor, kind, object_id, wanted=self.parse(RestrictionBody).is_restricted)
        return Response(_shown(shares.shared_for(self.actor, kind, object_id)))


class ShareView(AtomView):
    """`PUT|DELETE /api/v1/shares/{kind}/{id}/{member}`."""

    required_scope = Scope.MEMBERS_READ

    @extend_schema(tags=["shares"], request=LevelBody, responses={200: dict})
    def put(self, request: Request, kind: str, object_id: UUID, member_id: UUID) -> Response:
        """Let a member view or edit it."""
        sharing.share(self.actor, kind, object_id, member_id, self.parse(LevelBody).level)
        return Response(_shown(shares.shared_for(self.actor, kind, object_id)))

    @extend_schema(tags=["shares"], responses={204: None})
    def delete(self, request: Request, kind: str, object_id: UUID, member_id: UUID) -> Response:
        """Take it back."""
        sharing.unshare(self.actor, kind, object_id, member_id)
        return Response(None, status=204)
