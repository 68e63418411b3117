"""Signing in by a tenant's own OpenID Connect provider: its settings, and what its word is worth.

A tenant's admin chooses the provider, so its word counts in that tenant alone: identities are kept per tenant, and a
session that began there opens nothing else. Who comes for the first time confirms by mail (and, with an account, by
logging in), so no provider can take over an account by naming its address, or find out whether there is one.
"""

import re
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Forbidden, InvalidInput, NotFound, Unauthorised
from apps.core.permissions import Role, Scope
from apps.core.tenant import TenantRef, require
from apps.tenancy import registry
from apps.tenancy.connectors import oidc
from apps.tenancy.contracts import Origin
from apps.tenancy.models import ExternalIdentity, Membership, SignInProvider, Tenant, User
from apps.tenancy.services import invitations, security_log, throttle
from atom_project.config import config

SECRET: Final = "sign-in:client-secret"  # noqa: S105 - a name
_DOMAIN: Final = re.compile(r"(?=.{4,253}$)([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Wish:
    """A provider as an admin describes it; an empty secret keeps the one there is."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    allowed_domains: list[str]
    auto_join_role: str
    is_enabled: bool


def redirect_uri() -> str:
    """The address to register at the provider."""
    return f"{config.base_url}/login/sso/callback"


def configure(actor: Actor, wish: Wish) -> SignInProvider:
    """Keep the provider; one that is switched on has answered once. Raises InvalidInput or Upstream."""
    actor.require(Scope.SETTINGS_MANAGE)
    tenant = require()
    domains = _checked(wish)
    with tenant_context.entered(None):
        known = SignInProvider.objects.filter(tenant_id=tenant.id).first()
    if wish.is_enabled:
        oidc.check(wish.issuer)
        if known is None and not wish.client_secret:
            raise InvalidInput("Enter the client secret.", code="SECRET_MISSING")
    if wish.client_secret:
        registry.vault().keep(SECRET, wish.client_secret, actor=actor)
    values = {
        "name": wish.name.strip()[:60] or "Single sign-on",
        "issuer": wish.issuer,
        "client_id": wish.client_id.strip(),
        "allowed_domains": domains,
        "auto_join_role": wish.auto_join_role,
        "is_enabled": wish.is_enabled,
    }
    with trail.in_public():
        row, _ = SignInProvider.objects.update_or_create(tenant_id=tenant.id, defaults=values)
        facts = {key: values[key] for key in ("issuer", "allowed_domains", "auto_join_role", "is_enabled")}
        trail.record(actor, "sign_in.configured", object_type="sign_in_provider", object_id=row.id, summary=facts)
    return row


def remove(actor: Actor) -> None:
    """Do without a provider: settings, secret and identities go; people log in by password."""
    actor.require(Scope.SETTINGS_MANAGE)
    tenant = require()
    with trail.in_public():
        ExternalIdentity.objects.filter(tenant_id=tenant.id).delete()
        count, _ = SignInProvider.objects.filter(tenant_id=tenant.id).delete()
        if not count:
            raise NotFound("No provider is set.")
        trail.record(actor, "sign_in.removed", object_type="sign_in_provider")
    registry.vault().forget(SECRET, actor=actor)


def require_second_factor(actor: Actor, *, wanted: bool) -> None:
    """Switch the tenant's rule: with it, nobody comes in by a password alone. The admin has a second factor first."""
    actor.require(Scope.SETTINGS_MANAGE)
    tenant = require()
    with trail.in_public():
        if wanted and not User.objects.filter(id=actor.person_id, second_factor__confirmed_at__isnull=False).exists():
            raise Forbidden("Set up your own second factor first, or you would lock yourself out.", code="OWN_FIRST")
        Tenant.objects.filter(id=tenant.id).update(requires_second_factor=wanted)
        trail.record(actor, "sign_in.second_factor_rule", object_type="tenant", summary={"required": wanted})


def begin(slug: str) -> tuple[str, oidc.Attempt, TenantRef]:
    """Where to send the browser; raises NotFound alike for no tenant, no provider, and one that is switched off."""
    row = _provider(slug)
    address, attempt = oidc.begin(_described(row))
    return address, attempt, row.tenant.ref


def finish(slug: str, attempt: oidc.Attempt, *, code: str, issuer: str, origin: Origin) -> User | None:
    """The member who came back, or None when they have to confirm by mail first. Raises Unauthorised, Upstream."""
    row = _provider(slug)
    person = oidc.finish(_described(row), attempt, code=code, issuer=issuer)
    with tenant_context.entered(None):
        known = ExternalIdentity.objects.select_related("user").filter(
            tenant_id=row.tenant_id, issuer=row.issuer, subject=person.subject
        )
        identity = known.first()
        if identity is None:
            _ask_to_confirm(row, person, origin)
            return None
        user = _entering(row, identity)
        known.update(last_login_at=clock.now())
        return user


def tenant_of(slug: str) -> TenantRef:
    """The workspace of a sign-in."""
    return _provider(slug).tenant.ref


def _entering(row: SignInProvider, identity: ExternalIdentity) -> User:
    user = identity.user
    member = Membership.objects.filter(user=user, tenant_id=row.tenant_id, is_active=True, needs_proof=False)
    if user.is_staff or not user.is_active or not member.exists():
        raise Unauthorised("You are not a member of this workspace.", code="NOT_A_MEMBER")
    member.update(last_seen_at=clock.now())
    return user


def _ask_to_confirm(row: SignInProvider, person: oidc.Person, origin: Origin) -> None:
    if person.email.rpartition("@")[2] not in row.allowed_domains or "\x00" in person.email:
        raise Unauthorised("Your address is not one of this workspace's.", code="DOMAIN_NOT_ALLOWED")
    throttle.admit("invite", person.email, origin.address)
    members = Membership.objects.filter(user__email=person.email, tenant_id=row.tenant_id, is_active=True)
    role = members.values_list("role", flat=True).first() or row.auto_join_role
    with transaction.atomic():
        sent = invitations.connect(
            row.tenant_id,
            person.email,
            issuer=row.issuer,
            subject=person.subject,
            role=Role(role) if role else None,
        )
    if not sent:
        raise Unauthorised("You are not a member of this workspace.", code="NOT_A_MEMBER")
    security_log.record("sign_in.asked", user_id=None, tenant_id=row.tenant_id, origin=origin)


def _provider(slug: str) -> SignInProvider:
    with tenant_context.entered(None):
        rows = SignInProvider.objects.select_related("tenant").filter(is_enabled=True, tenant__status="active")
        row = rows.filter(tenant__slug=slug).first()
    if row is None:
        raise NotFound("This workspace has no sign-in of its own.")
    return row


def _described(row: SignInProvider) -> oidc.Provider:
    tenant = row.tenant.ref
    with tenant_context.entered(tenant):
        secret = registry.vault().reveal(SECRET, actor=Actor.system(tenant, name="sign-in"), purpose="sign-in")
    return oidc.Provider(row.issuer, row.client_id, secret, redirect_uri())


def _checked(wish: Wish) -> list[str]:
    oidc.check_address(wish.issuer)
    if not wish.client_id.strip() or len(wish.client_id) > 300 or len(wish.issuer) > 300:
        raise InvalidInput("Enter the client id.", code="CLIENT_ID_MISSING")
    if wish.auto_join_role not in ("", Role.MEMBER, Role.VIEWER):
        raise InvalidInput("People who join by themselves are members or viewers.", code="ROLE_INVALID")
    domains = sorted({domain.strip().lower().lstrip("@") for domain in wish.allowed_domains if domain.strip()})
    if not domains or len(domains) > 50 or not all(_DOMAIN.fullmatch(domain) for domain in domains):
        raise InvalidInput("Name the e-mail domains of your people, like example.com.", code="DOMAINS_INVALID")
    return domains
