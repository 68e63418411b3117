"""Logging in and out: credentials, then perhaps a code, then tokens; each attempt in the audit and the security log."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.db import prepared
from apps.core.errors import AtomError, InvalidInput, NotFound, Unauthorised
from apps.core.permissions import Role, scopes_of
from apps.tenancy.contracts import NOWHERE, Origin
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import ApiLogin, Membership, User
from apps.tenancy.selectors import logins
from apps.tenancy.selectors.addresses import Standing
from apps.tenancy.selectors.candidates import Candidate, candidate
from apps.tenancy.services import identity, passwords, second_factors, security_log, throttle, tokens


@dataclass(frozen=True, slots=True)
class Login:
    """A fresh login: the tokens and what they are good for."""

    pair: tokens.TokenPair
    actor: Actor


def authenticate(email: str, password: str, *, origin: Origin) -> User:
    """The person behind the credentials; throttled; raises Unauthorised in one wording for every reason.

    The same statements run whether the account exists or not.
    """
    user = _authenticated(email, password, origin).user
    throttle.succeeded("login", email, origin.address)
    return user


def _authenticated(email: str, password: str, origin: Origin) -> Candidate:
    with tenant_context.entered(None), throttle.admitting("login", email, origin.address):
        found = candidate(email)
    if passwords.matches(found.user if found else None, password) is None or found is None:
        security_log.record("login", user_id=found.user.id if found else None, origin=origin, outcome="refused")
        trail.record_refusal(_stranger(origin), "auth.login", reason="wrong credentials", object_type="login")
        raise Unauthorised("E-mail or password is wrong.", code="LOGIN_FAILED")
    return found


def login(email: str, password: str, *, tenant: str = "", origin: Origin = NOWHERE) -> Login:
    """Tokens for the member; `tenant` (slug or id) chooses among several memberships.

    Raises Unauthorised with code MFA_REQUIRED and a `challenge` where the person has a second factor.
    """
    found = _authenticated(email, password, origin)
    taken_back = partial(throttle.succeeded, "login", email, origin.address)
    try:
        membership = _open_to(found, tenant)
    except AtomError:
        taken_back()
        raise
    return _enter(membership, origin=origin, is_strong=False, meanwhile=taken_back)


def _open_to(found: Candidate, tenant: str) -> Membership:
    """Where the password alone lets this person in; raises what else it takes."""
    membership = _choose(found.user, found.memberships, tenant)
    if found.has_second_factor:
        raise _code_needed(found.user, membership.tenant.slug)
    if membership.tenant.requires_second_factor:
        raise identity.second_factor_needed()
    return membership


def finish(challenge: str, code: str, *, origin: Origin = NOWHERE) -> Login:
    """Tokens for a challenge and its code."""
    user, tenant = second_factors.answered(challenge)
    second_factors.check(user, code, origin=origin)
    return _enter(_choose(user, memberships_of(user), tenant), origin=origin, is_strong=True)


def refresh(refresh_token: str, *, origin: Origin = NOWHERE) -> Login:
    """A rotated pair; raises Unauthorised, and a reused token is written to the audit trail."""
    try:
        membership, pair = tokens.refresh(refresh_token, origin=origin)
    except Unauthorised as error:
        trail.record_refusal(_stranger(origin), "auth.refresh", reason=error.code.lower(), object_type="login")
        raise
    actor = actor_of(membership, origin.request_id)
    with tenant_context.entered(membership.tenant.ref):
        trail.record(actor, "auth.refresh", object_type="membership", object_id=membership.id)
    return Login(pair, actor)


def logout(refresh_token: str, *, origin: Origin = NOWHERE) -> None:
    """End the login; silent about tokens that never were."""
    with tenant_context.entered(None):
        membership = tokens.revoke_family(refresh_token)
    if membership is None:
        trail.record(_stranger(origin), "auth.logout", object_type="login")
        return
    security_log.record("logout", user_id=membership.user_id, tenant_id=membership.tenant_id, origin=origin)
    with tenant_context.entered(membership.tenant.ref):
        trail.record(actor_of(membership, origin.request_id), "auth.logout", object_type="login")


def logout_everywhere(actor: Actor, *, origin: Origin, except_session: str = "") -> None:
    """End every session and login of the person but the one they speak from; personal tokens are theirs to revoke."""
    logins.check_own(actor)
    with trail.in_public():
        user = User.objects.get(id=actor.person_id)
        passwords.end_all(user, except_session=except_session)
        security_log.record("logout.everywhere", user_id=actor.id, origin=origin)
        trail.record(actor, "auth.logout_everywhere", object_type="user", object_id=actor.id)


def end_api_login(actor: Actor, login_id: UUID, *, origin: Origin) -> None:
    """End one login of a program of one's own; NotFound for anybody else's."""
    logins.check_own(actor)
    with trail.in_public():
        if not ApiLogin.objects.filter(id=login_id, membership__user_id=actor.person_id).exists():
            raise NotFound("There is no such session.")
        tokens.end_login(login_id)
        security_log.record("session.ended", user_id=actor.id, origin=origin)
        trail.record(actor, "auth.session_ended", object_type="api_login", object_id=login_id)


def memberships_of(user: User) -> list[Membership]:
    """The tenants this person may enter, by name."""
    rows = Membership.objects.filter(user=user, is_active=True, needs_proof=False, tenant__status=TenantStatus.ACTIVE)
    return list(rows.select_related("tenant", "user__second_factor").order_by("tenant__name"))


def _enter(
    membership: Membership, *, origin: Origin, is_strong: bool, meanwhile: Callable[[], None] | None = None
) -> Login:
    with prepared.together():  # the login and its audit entry: both or neither
        pair = tokens.issue(membership, origin=origin, is_strong=is_strong)
        actor = actor_of(membership, origin.request_id)
        with tenant_context.entered(membership.tenant.ref):
            trail.record(actor, "auth.login", object_type="membership", object_id=membership.id)
        if meanwhile is not None:
            meanwhile()
    return Login(pair, actor)


def _code_needed(user: User, slug: str) -> Unauthorised:
    return Unauthorised(
        "Enter the code of your second factor.",
        code="MFA_REQUIRED",
        extra={
            "mfa_required": True,
            "challenge": second_factors.challenge(user, slug),
            "expires_in": second_factors.CHALLENGE_SECONDS,
            "methods": ["totp", "recovery_code"],
        },
        next_steps=["POST /auth/login/second-factor with the challenge and a code."],
    )


def _choose(user: User, memberships: list[Membership], tenant: str) -> Membership:
    if tenant:
        memberships = [m for m in memberships if tenant in (m.tenant.slug, str(m.tenant_id))]
    if not memberships:
        raise _why_none(user, tenant)
    if len(memberships) > 1:
        slugs = [m.tenant.slug for m in memberships]
        raise InvalidInput("You belong to several tenants; name one.", code="TENANT_NEEDED", extra={"tenants": slugs})
    return memberships[0]


def _why_none(user: User, tenant: str) -> AtomError:
    """The password was right: whose only workspace is closed hears so, everybody else what strangers hear."""
    closed = Membership.objects.filter(user=user, is_active=True, tenant__status=TenantStatus.SUSPENDED)
    for row in closed.select_related("tenant"):
        if tenant in ("", row.tenant.slug, str(row.tenant_id)):
            return Standing(row.tenant.slug, row.tenant.status, row.tenant.status_reason).refusal()
    return Unauthorised("E-mail or password is wrong.", code="LOGIN_FAILED")


def _stranger(origin: Origin) -> Actor:
    return Actor(None, None, "", "", Role.VIEWER, frozenset(), request_id=origin.request_id)


def actor_of(membership: Membership, request_id: str) -> Actor:
    """The member as an Actor."""
    user, role = membership.user, Role(membership.role)
    scopes = scopes_of(role, frozenset(membership.granted_scopes))
    return Actor(user.id, membership.tenant.ref, user.email, str(user), role, scopes, request_id=request_id)
