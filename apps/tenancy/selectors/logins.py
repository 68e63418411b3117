"""What lets a person in, and what happened to it: sessions, personal tokens, the security log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.core import clock, paging
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Forbidden
from apps.core.paging import Page
from apps.core.permissions import Scope
from apps.tenancy.models import ApiLogin, Membership, PageSession, PersonalToken, RefreshToken, SecurityEvent

# What a tenant's admins see although it happened at no tenant's door: attempts on their members' accounts.
_COMMON = ("login", "password.reset", "second_factor.used", "second_factor.set", "second_factor.removed")


@dataclass(frozen=True, slots=True)
class Session:
    """A browser or a program that is logged in as the person."""

    id: UUID
    kind: str  # page | api
    device: str
    region: str
    workspace: str
    started_at: datetime
    last_seen_at: datetime
    is_current: bool


def check_own(actor: Actor) -> None:
    """Raise Forbidden unless the person proved by their own password who they are.

    A token is not its person, and a session that began at a tenant's provider is worth something there alone, while
    the account is more than that.
    """
    if actor.id is None or actor.kind is not ActorKind.USER:
        raise Forbidden("An account is managed by its person, not by a token.", code="PERSON_NEEDED")
    if actor.by_provider:
        raise Forbidden(
            "You came by your workspace's provider; log in with your password to see to your account.",
            code="PASSWORD_LOGIN_NEEDED",
        )


def sessions_of(actor: Actor, *, session_key: str = "") -> list[Session]:
    """Everything logged in as the actor, what was used last first."""
    check_own(actor)
    with tenant_context.entered(None):
        now = clock.now()
        pages = [
            Session(
                row.public_id, "page", row.device, row.region, "", row.started_at, row.last_seen_at,
                row.session_key == session_key,
            )
            for row in PageSession.objects.filter(user_id=actor.person_id, expire_date__gt=now)[:200]
        ]  # fmt: skip
        alive = RefreshToken.objects.filter(used_at=None, revoked_at=None, expires_at__gt=now)
        rows = ApiLogin.objects.filter(membership__user_id=actor.person_id, ended_at=None).select_related(
            "membership__tenant"
        )
        programs = [
            Session(
                row.id, "api", row.device, row.region, row.membership.tenant.name, row.created_at, row.last_seen_at,
                False,
            )
            for row in rows.filter(id__in=alive.filter(membership__user_id=actor.person_id).values("family"))[:200]
        ]  # fmt: skip
    return sorted([*pages, *programs], key=lambda each: (each.is_current, each.last_seen_at), reverse=True)


def tokens_for(actor: Actor, *, everybodys: bool = False) -> list[PersonalToken]:
    """The actor's personal tokens in their tenant, or as an admin everybody's; what still works first."""
    if everybodys:
        actor.require(Scope.MEMBERS_MANAGE)
    with tenant_context.entered(None):
        rows = PersonalToken.objects.filter(membership__tenant_id=actor.tenant_id)
        rows = rows if everybodys else rows.filter(membership__user_id=actor.person_id)
        found = rows.select_related("membership__user").order_by("-created_at")[:500]
        return sorted(found, key=lambda row: row.revoked_at is not None or row.expires_at <= clock.now())


def events_for(actor: Actor, *, of_tenant: bool, cursor: str | None = None, limit: int = 50) -> Page[SecurityEvent]:
    """The actor's own security log, or as an admin that of the tenant and of its members' accounts."""
    with tenant_context.entered(None):
        rows = SecurityEvent.objects.select_related("user")
        if of_tenant:
            actor.require(Scope.AUDIT_READ)
            tenant_id = actor.tenant_id
            people = Membership.objects.filter(tenant_id=tenant_id).values("user_id")
            mine = Q(tenant_id=tenant_id) | Q(tenant_id=None, user_id__in=people, kind__in=_COMMON)
            rows = rows.filter(mine, user_id__isnull=False)
        else:
            check_own(actor)
            rows = rows.filter(user_id=actor.person_id)
        return paging.paginate(rows, order=("-created_at", "-id"), cursor=cursor, limit=limit)
