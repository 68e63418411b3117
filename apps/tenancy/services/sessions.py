"""Logging in and out of the API: credentials in, token pair out; each attempt in the audit trail."""

from dataclasses import dataclass

from django.contrib.auth.models import update_last_login

from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import InvalidInput, Unauthorised
from apps.core.permissions import Role, scopes_of
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import Membership, User
from apps.tenancy.services import passwords, throttle, tokens


@dataclass(frozen=True, slots=True)
class Login:
    """A fresh login: the tokens and what they are good for."""

    pair: tokens.TokenPair
    actor: Actor


def authenticate(email: str, password: str, *, address: str, request_id: str) -> User:
    """The person behind the credentials; throttled; raises Unauthorised in one wording for every reason."""
    throttle.check(email, address)
    user = passwords.check(email, password)
    if user is None:
        throttle.failed(email, address)
        anonymous = Actor(None, None, "", "", Role.VIEWER, frozenset(), request_id=request_id)
        trail.record_refusal(anonymous, "auth.login", reason="wrong credentials", object_type="login")
        raise Unauthorised("E-mail or password is wrong.", code="LOGIN_FAILED")
    throttle.succeeded(email, address)
    return user


def login(email: str, password: str, *, tenant: str = "", address: str = "", request_id: str = "") -> Login:
    """Tokens for the member; `tenant` (slug or id) chooses among several memberships."""
    user = authenticate(email, password, address=address, request_id=request_id)
    membership = _choose(user, tenant)
    pair = tokens.issue(membership)
    update_last_login(None, user)  # type: ignore[arg-type]  # the sender is only needed as a signal receiver
    actor = actor_of(membership, request_id)
    with tenant_context.entered(membership.tenant.ref):
        trail.record(actor, "auth.login", object_type="membership", object_id=membership.id)
    return Login(pair, actor)


def refresh(refresh_token: str, *, request_id: str = "") -> Login:
    """A rotated pair; raises Unauthorised, and a reused token is written to the audit trail."""
    try:
        membership, pair = tokens.refresh(refresh_token)
    except Unauthorised as error:
        anonymous = Actor(None, None, "", "", Role.VIEWER, frozenset(), request_id=request_id)
        trail.record_refusal(anonymous, "auth.refresh", reason=error.code.lower(), object_type="login")
        raise
    actor = actor_of(membership, request_id)
    with tenant_context.entered(membership.tenant.ref):
        trail.record(actor, "auth.refresh", object_type="membership", object_id=membership.id)
    return Login(pair, actor)


def logout(refresh_token: str, *, actor: Actor | None) -> None:
    """Revoke the login's family; silent about tokens that never were."""
    with tenant_context.entered(None):
        tokens.revoke_family(refresh_token)
    trail.record(actor, "auth.logout", object_type="login")


def memberships_of(user: User) -> list[Membership]:
    """The tenants this person may enter, by name."""
    rows = Membership.objects.filter(user=user, is_active=True, tenant__status=TenantStatus.ACTIVE)
    return list(rows.select_related("tenant", "user").order_by("tenant__name"))


def _choose(user: User, tenant: str) -> Membership:
    memberships = memberships_of(user)
    if tenant:
        memberships = [m for m in memberships if tenant in (m.tenant.slug, str(m.tenant_id))]
    if not memberships:
        raise Unauthorised("E-mail or password is wrong.", code="LOGIN_FAILED")
    if len(memberships) > 1:
        slugs = [m.tenant.slug for m in memberships]
        raise InvalidInput("You belong to several tenants; name one.", code="TENANT_NEEDED", extra={"tenants": slugs})
    return memberships[0]


def actor_of(membership: Membership, request_id: str) -> Actor:
    """The member as an Actor."""
    user, role = membership.user, Role(membership.role)
    scopes = scopes_of(role, frozenset(membership.granted_scopes))
    return Actor(user.id, membership.tenant.ref, user.email, str(user), role, scopes, request_id=request_id)
