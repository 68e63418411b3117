"""From a verified token or session to an Actor: one indexed read as the runtime role. It enters the tenant it finds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.db import prepared
from apps.core.errors import Forbidden, NextStep, Unauthorised
from apps.core.permissions import Role, narrowed, scopes_of
from apps.core.tenant import TenantRef
from apps.tenancy.contracts import NOWHERE, Origin
from apps.tenancy.services import personal_tokens, tokens

_SELECT = """
    SELECT u.id, u.email, u.name, u.epoch, m.epoch, m.role, m.granted_scopes, t.requires_second_factor,
           t.id, t.slug, t.name, t.schema_name, t.role_name, t.timezone{more}, {entering}
      FROM {first}
      JOIN public.tenancy_user u ON u.id = m.user_id AND u.is_active
      JOIN public.tenancy_tenant t ON t.id = m.tenant_id AND t.status = 'active'
     WHERE m.is_active AND NOT m.needs_proof AND {where}
"""


def _select(where: str, *, first: str = "public.tenancy_membership m", more: str = "") -> str:
    return _SELECT.format(first=first, more=more, where=where, entering=prepared.ENTERING)


_BY_MEMBERSHIP = _select("m.id = %s")
_BY_SLUG = _select("m.user_id = %s AND t.slug = %s")
_BY_LOGIN = _select(
    "l.id = %s AND l.ended_at IS NULL AND m.id = %s",
    first="public.tenancy_apilogin l JOIN public.tenancy_membership m ON m.id = l.membership_id",
    more=", l.is_strong",
)
_BY_PERSONAL_TOKEN = _select(
    "p.token_hash = %s AND p.revoked_at IS NULL",
    first="public.tenancy_personaltoken p JOIN public.tenancy_membership m ON m.id = p.membership_id",
    more=", p.id, p.name, p.scopes, p.expires_at, p.last_used_at, p.last_region",
)
_REVOKED = ("The token has been revoked.", "TOKEN_REVOKED")


@dataclass(frozen=True, slots=True)
class Found:
    """A live membership as an Actor, with the epoch its tokens must carry; `more` are the columns of its token."""

    actor: Actor
    epoch: int
    requires_second_factor: bool
    more: tuple[Any, ...]


def from_bearer(token: str, *, tenant_hint: str = "", role_hint: str = "", origin: Origin = NOWHERE) -> Actor:
    """The caller behind a bearer token; raises Unauthorised, or Forbidden when a header names another tenant.

    `tenant_hint` (X-Tenant-Id: id or slug) must agree with the token; `role_hint` (X-User-Role) may only narrow.
    """
    personal = token.startswith(personal_tokens.PREFIX)
    actor = _from_personal(token, origin) if personal else _from_access_token(token)
    tenant = actor.tenant
    if tenant is None or (tenant_hint and tenant_hint not in (str(tenant.id), tenant.slug)):
        raise Forbidden("X-Tenant-Id names another tenant than the token.", code="TENANT_MISMATCH")
    return _narrow(actor, role_hint)


def _from_access_token(token: str) -> Actor:
    claims = tokens.read(token)
    found = _one(_BY_LOGIN, [claims.login_id, claims.membership_id])
    if found is None or found.epoch != claims.epoch or found.actor.id != claims.user_id:
        raise Unauthorised(_REVOKED[0], code=_REVOKED[1])
    if found.actor.tenant is None or found.actor.tenant.id != claims.tenant_id:
        raise Unauthorised(_REVOKED[0], code=_REVOKED[1])
    if found.requires_second_factor and not found.more[0]:
        raise second_factor_needed()
    return found.actor


def _from_personal(text: str, origin: Origin) -> Actor:
    if not personal_tokens.looks_like_one(text):
        raise Unauthorised("The token is not valid.", code="TOKEN_INVALID")
    found = _one(_BY_PERSONAL_TOKEN, [personal_tokens.hash_of(text)])
    if found is None:
        raise Unauthorised(_REVOKED[0], code=_REVOKED[1])
    token_id, name, scopes, expires_at, last_used_at, last_region = found.more
    if expires_at <= clock.now():
        raise Unauthorised("The token has expired; make another one.", code="TOKEN_EXPIRED")
    actor = replace(found.actor, scopes=found.actor.scopes & frozenset(scopes), kind=ActorKind.TOKEN)
    if personal_tokens.is_stale(last_used_at) and actor.tenant and actor.id:
        with tenant_context.entered(None):
            personal_tokens.touch(
                token_id,
                user_id=actor.id,
                tenant_id=actor.tenant.id,
                name=name,
                last_region=last_region,
                origin=origin,
            )
    return actor


def from_session(user_id: UUID, slug: str, *, role_hint: str = "") -> Actor | None:
    """The logged-in person as a member of the tenant `slug`, or None when they are not one."""
    found = _one(_BY_SLUG, [user_id, slug])
    return _narrow(found.actor, role_hint) if found else None


def from_page(user_id: UUID, slug: str, *, is_strong: bool, only_tenant: str = "", role_hint: str = "") -> Actor | None:
    """The same for a browser's session; raises Forbidden where the tenant wants a second factor that was not given.

    `only_tenant`: the session began at that tenant's own provider, whose word counts nowhere else.
    """
    found = _one(_BY_SLUG, [user_id, slug])
    if found is None or found.actor.tenant is None:
        return None
    if only_tenant and only_tenant != str(found.actor.tenant.id):
        return None
    if found.requires_second_factor and not is_strong:
        raise second_factor_needed()
    return _narrow(replace(found.actor, by_provider=bool(only_tenant)), role_hint)


def second_factor_needed() -> Forbidden:
    """What somebody hears whose tenant wants a second factor."""
    return Forbidden(
        "This workspace asks for a second factor.",
        code="SECOND_FACTOR_REQUIRED",
        next_steps=[NextStep("Set it up or enter the code", "/login/second-factor")],
    )


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
    return replace(actor, role=role, scopes=actor.scopes & scopes_of(role))


def _one(sql: str, parameters: Sequence[Any]) -> Found | None:
    with tenant_context.entered(None):
        row = prepared.fetch_one(sql, parameters)
    if row is None:
        return None
    (user_id, email, name, user_epoch, epoch, role, granted, requires, *rest, _role, _path) = row
    tenant = TenantRef(*rest[:6])
    prepared.entered(tenant)
    actor = Actor(
        id=user_id,
        tenant=tenant,
        email=email,
        name=name or email,
        role=Role(role),
        scopes=scopes_of(Role(role), frozenset(granted)),
        kind=ActorKind.USER,
    )
    return Found(actor, user_epoch * 1_000_000 + epoch, requires, tuple(rest[6:]))
