"""From a verified token or session to an Actor: one indexed read, as the runtime role, before any tenant is entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.db import prepared
from apps.core.errors import Forbidden, Unauthorised
from apps.core.permissions import Role, narrowed, scopes_of
from apps.core.tenant import TenantRef
from apps.tenancy.services import tokens

_COLUMNS = """
    SELECT u.id, u.email, u.name, u.epoch, m.epoch, m.role, m.granted_scopes,
           t.id, t.slug, t.name, t.schema_name, t.role_name, t.timezone
      FROM public.tenancy_membership m
      JOIN public.tenancy_user u ON u.id = m.user_id AND u.is_active
      JOIN public.tenancy_tenant t ON t.id = m.tenant_id AND t.status = 'active'
     WHERE m.is_active AND {where}
"""
_BY_MEMBERSHIP = _COLUMNS.format(where="m.id = %s")
_BY_SLUG = _COLUMNS.format(where="m.user_id = %s AND t.slug = %s")


@dataclass(frozen=True, slots=True)
class Found:
    """A live membership as an Actor, with the epoch its tokens must carry."""

    actor: Actor
    epoch: int


def from_bearer(token: str, *, tenant_hint: str = "", role_hint: str = "") -> Actor:
    """The caller behind a bearer token; raises Unauthorised, or Forbidden when a header names another tenant.

    `tenant_hint` (X-Tenant-Id: id or slug) must agree with the token; `role_hint` (X-User-Role) may only narrow.
    """
    claims = tokens.read(token)
    found = _one(_BY_MEMBERSHIP, [claims.membership_id])
    if found is None or found.epoch != claims.epoch or found.actor.id != claims.user_id:
        raise Unauthorised("The token has been revoked.", code="TOKEN_REVOKED")
    tenant = found.actor.tenant
    if tenant is None or tenant.id != claims.tenant_id:
        raise Unauthorised("The token has been revoked.", code="TOKEN_REVOKED")
    if tenant_hint and tenant_hint not in (str(tenant.id), tenant.slug):
        raise Forbidden("X-Tenant-Id names another tenant than the token.", code="TENANT_MISMATCH")
    return _narrow(found.actor, role_hint)


def from_session(user_id: UUID, slug: str, *, role_hint: str = "") -> Actor | None:
    """The logged-in person as a member of the tenant `slug`, or None when they are not one."""
    found = _one(_BY_SLUG, [user_id, slug])
    return _narrow(found.actor, role_hint) if found else None


def from_membership(membership_id: UUID) -> Actor | None:
    """The member as an Actor, for jobs that act on a person's behalf; None when the membership is gone."""
    found = _one(_BY_MEMBERSHIP, [membership_id])
    return found.actor if found else None


def of_user(user_id: UUID | None, tenant: TenantRef) -> Actor:
    """The person who started a job, with today's rights; the system when there is no person (schedules)."""
    if user_id is None:
        return Actor.system(tenant)
    actor = from_session(user_id, tenant.slug)
    if actor is None:
        raise Forbidden("The person who started this is no longer a member of the tenant.")
    return actor


def still_valid(actor: Actor, epoch: int) -> bool:
    """Whether the membership behind a long-lived connection is still what it was (sockets ask once a minute)."""
    if actor.id is None or actor.tenant is None:
        return False
    found = _one(_BY_SLUG, [actor.id, actor.tenant.slug])
    return found is not None and found.epoch == epoch and found.actor.scopes == actor.scopes


def epoch_of(actor: Actor) -> int:
    """The epoch in force for this member now; raises Unauthorised when the membership is gone."""
    found = _one(_BY_SLUG, [actor.id, actor.tenant.slug if actor.tenant else ""])
    if found is None:
        raise Unauthorised("The membership has ended.")
    return found.epoch


def _narrow(actor: Actor, role_hint: str) -> Actor:
    role = narrowed(actor.role, role_hint) if role_hint else actor.role
    if role == actor.role:
        return actor
    return Actor(actor.id, actor.tenant, actor.email, actor.name, role, scopes_of(role), actor.kind, actor.request_id)


def _one(sql: str, parameters: Sequence[Any]) -> Found | None:
    with tenant_context.entered(None):
        row = prepared.fetch_one(sql, parameters)
    if row is None:
        return None
    (user_id, email, name, user_epoch, epoch, role, granted, *tenant) = row
    actor = Actor(
        id=user_id,
        tenant=TenantRef(*tenant),
        email=email,
        name=name or email,
        role=Role(role),
        scopes=scopes_of(Role(role), frozenset(granted)),
        kind=ActorKind.USER,
    )
    return Found(actor, user_epoch * 1_000_000 + epoch)
