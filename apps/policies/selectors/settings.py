"""Reads of the policy settings: as they stand, and how they came to be."""

from apps.core.actor import Actor
from apps.core.paging import Page, paginate
from apps.core.permissions import Scope
from apps.policies.models import PolicySettings, PolicyVersion
from apps.policies.services import settings


def get_settings_for(actor: Actor) -> PolicySettings:
    """The row, or the defaults; whoever runs queries may know the caps they meet."""
    actor.require(Scope.QUERIES_RUN)
    return settings.stored()


def list_versions_for(actor: Actor, *, cursor: str | None = None, limit: int = 20) -> Page[PolicyVersion]:
    """Versions, newest first, each with who changed what."""
    actor.require(Scope.SETTINGS_MANAGE)
    return paginate(PolicyVersion.objects.all(), order=("-version",), cursor=cursor, limit=limit)
