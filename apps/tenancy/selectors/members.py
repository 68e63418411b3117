"""Who is in a tenant and who is asked in, for its admins and members."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.core import clock, paging
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Role, Scope, scopes_of
from apps.tenancy.models import Invitation, Membership


@dataclass(frozen=True, slots=True)
class Member:
    """A member as their tenant may know them. `id` is the membership's: the person's would tell how old they are.

    Until they have come in once, the name is what the admin gave; who they are elsewhere stays there.
    """

    id: UUID
    name: str
    email: str
    role: str
    is_active: bool
    is_self: bool
    granted_scopes: list[str]
    has_second_factor: bool | None
    joined_at: datetime
    last_seen_at: datetime | None

    @property
    def state(self) -> str:
        """One word for a list."""
        return "active" if self.is_active else "disabled"

    @property
    def scopes(self) -> list[str]:
        """What they may do here."""
        return sorted(scopes_of(Role(self.role), frozenset(self.granted_scopes)))


def members_for(actor: Actor) -> list[Member]:
    """Everybody in the actor's tenant, admins first; raises Forbidden without `members:read`. For a page."""
    with tenant_context.entered(None):
        return [_shown(row, actor) for row in _rows(actor).order_by("role", "user__email")[:1000]]


def page_for(actor: Actor, *, cursor: str | None, limit: int) -> tuple[list[Member], str | None]:
    """One page of members, newest first, and the cursor of the next."""
    with tenant_context.entered(None):
        found = paging.paginate(_rows(actor), order=("-created_at", "-id"), cursor=cursor, limit=limit)
        return [_shown(row, actor) for row in found.items], found.next_cursor


def get_for(actor: Actor, membership_id: UUID) -> Member:
    """One member; NotFound for a stranger's."""
    with tenant_context.entered(None):
        row = _rows(actor).filter(id=membership_id).first()
        if row is None:
            raise NotFound("There is no such member.")
        return _shown(row, actor)


def invitations_for(actor: Actor) -> list[Invitation]:
    """Open invitations, newest first; raises Forbidden without `members:read`."""
    actor.require(Scope.MEMBERS_READ)
    with tenant_context.entered(None):
        rows = Invitation.objects.filter(tenant_id=actor.tenant_id, accepted_at=None, withdrawn_at=None, is_proof=False)
        return list(rows.filter(expires_at__gt=clock.now()).order_by("-created_at", "-id")[:500])


def _rows(actor: Actor) -> QuerySet[Membership]:
    actor.require(Scope.MEMBERS_READ)
    return Membership.objects.filter(tenant_id=actor.tenant_id).select_related("user", "user__second_factor")


def _shown(row: Membership, actor: Actor) -> Member:
    came_in = row.last_seen_at is not None or row.user_id == actor.id
    factor = getattr(row.user, "second_factor", None)
    has_factor = bool(factor and factor.confirmed_at) if actor.has(Scope.MEMBERS_MANAGE) and came_in else None
    return Member(
        id=row.id,
        name=(row.user.name if came_in else "") or row.given_name,
        email=row.user.email,
        role=row.role,
        is_active=row.is_active,
        is_self=row.user_id == actor.id,
        granted_scopes=list(row.granted_scopes),
        has_second_factor=has_factor,
        joined_at=row.created_at,
        last_seen_at=row.last_seen_at,
    )
