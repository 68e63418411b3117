"""People and their place in a tenant. Written as the runtime role, outside any tenant.

An address may belong to somebody of another tenant: then they become a member, and nothing about them is shown or
changed. If nobody ever proved that address, the membership waits for that, since whoever made the account may still
know its password.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError
from django.db.models import F

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from apps.core.permissions import Role, Scope
from apps.core.tenant import TenantRef, require
from apps.tenancy.models import ApiLogin, Invitation, Membership, RefreshToken, User
from apps.tenancy.services import invitations, letters, passwords, quota, security_log

GRANTABLE = frozenset({Scope.PII_READ})


@dataclass(frozen=True, slots=True)
class Change:
    """What an admin wishes to change; None leaves a field."""

    role: Role | None = None
    is_active: bool | None = None
    granted_scopes: list[str] | None = None
    name: str | None = None


def add(actor: Actor, *, email: str, name: str, role: Role, password: str) -> Membership:
    """Somebody as an active member, with a password to begin with; raises InvalidInput or Conflict."""
    actor.require(Scope.MEMBERS_MANAGE)
    address, tenant = clean_address(email), require()
    passwords.check_rules(password, email=address, name=name)
    with _unique(), trail.in_public():
        user = User.objects.select_for_update().filter(email=address).first()
        fresh = User(email=address, name=name)
        fresh.set_password(password)  # hashed either way, so that time tells nothing
        if user is None:
            fresh.save(force_insert=True)
        membership = _place(tenant, user or fresh, name=name, role=role, actor=actor, is_new=user is None)
        security_log.record("member.added", user_id=membership.user_id, tenant_id=tenant.id)
        trail.record(actor, "member.added", object_type="membership", object_id=membership.id, summary={"role": role})
    return membership


def invite(actor: Actor, *, email: str, name: str, role: Role) -> Invitation:
    """An invitation for whoever reads this address; raises InvalidInput, or Conflict for a member."""
    address, tenant = clean_address(email), require()
    with tenant_context.entered(None):
        if Membership.objects.filter(user__email=address, tenant_id=tenant.id).exists():
            raise _is_member()
    return invitations.invite(actor, email=address, name=name.strip()[:120], role=role)


def change(actor: Actor, membership_id: UUID, wish: Change) -> Membership:
    """Change a member; the last admin stays one. A deactivated member's tokens are void at once."""
    with trail.in_public():
        row = _locked(actor, membership_id)
        _check_change(actor, row, wish)
        before = {"role": row.role, "active": row.is_active}
        row.role = wish.role or row.role
        row.is_active = row.is_active if wish.is_active is None else wish.is_active
        row.granted_scopes = row.granted_scopes if wish.granted_scopes is None else sorted(set(wish.granted_scopes))
        row.given_name = row.given_name if wish.name is None else wish.name.strip()[:120]
        if not row.is_active:
            row.epoch += 1
        row.save()
        after = {"role": row.role, "active": row.is_active, "granted_scopes": row.granted_scopes}
        security_log.record("member.changed", user_id=row.user_id, tenant_id=row.tenant_id, detail=f"{row.role}")
        summary = {"before": before, "after": after}
        trail.record(actor, "member.changed", object_type="membership", object_id=row.id, summary=summary)
    return row


def remove(actor: Actor, membership_id: UUID) -> None:
    """End a membership with its tokens; an account that belongs nowhere any more goes with it."""
    with trail.in_public():
        row = _locked(actor, membership_id)
        if row.role == Role.ADMIN:
            _keep_an_admin(row)
        user = row.user
        Invitation.objects.filter(tenant_id=row.tenant_id, email=user.email, accepted_at=None).delete()
        row.delete()
        if not user.is_staff and not Membership.objects.filter(user=user).exists():
            user.delete()
        trail.record(actor, "member.removed", object_type="membership", object_id=membership_id)


def log_out(actor: Actor, membership_id: UUID) -> None:
    """End a member's program logins in this tenant (their browser sessions are theirs alone)."""
    with trail.in_public():
        row = _locked(actor, membership_id)
        Membership.objects.filter(id=row.id).update(epoch=F("epoch") + 1)
        ApiLogin.objects.filter(membership=row, ended_at=None).update(ended_at=clock.now())
        RefreshToken.objects.filter(membership=row, revoked_at=None).update(revoked_at=clock.now())
        security_log.record("session.ended", user_id=row.user_id, tenant_id=row.tenant_id, detail="by an admin")
        trail.record(actor, "member.logged_out", object_type="membership", object_id=membership_id)


def allow_factor_reset(actor: Actor, membership_id: UUID) -> None:
    """Send the person a link to remove their second factor, which guards other workspaces too."""
    with trail.in_public():
        row = _locked(actor, membership_id)
        letters.post("factor_reset", row.user.email)
        security_log.record("second_factor.reset_allowed", user_id=row.user_id, tenant_id=row.tenant_id)
        trail.record(actor, "member.factor_reset_allowed", object_type="membership", object_id=membership_id)


def clean_address(email: str) -> str:
    """The address in the form it is kept in; raises InvalidInput."""
    address = email.strip().lower()
    try:
        if len(address) > 254 or "\x00" in address:
            raise ValidationError("length")
        validate_email(address)
    except ValidationError:
        raise InvalidInput("This is not an e-mail address that can be written to.", code="EMAIL_INVALID") from None
    return address


def _place(tenant: TenantRef, user: User, *, name: str, role: Role, actor: Actor, is_new: bool) -> Membership:
    quota.admit_seat(tenant.id)
    needs_proof = not is_new and user.email_proved_at is None
    membership = Membership.objects.create(
        user=user, tenant_id=tenant.id, role=role, given_name=name.strip()[:120], needs_proof=needs_proof
    )
    if needs_proof:
        row = invitations.open_for(tenant.id, user.email, role=role, name=name, invited_by=actor.id, is_proof=True)
        letters.post("invitation", user.email, subject_id=row.id)
    else:
        letters.post("added", user.email, subject_id=membership.id, inviter=actor.name)
    return membership


def _locked(actor: Actor, membership_id: UUID) -> Membership:
    """The member for a change, with the tenant's admins locked first, so that two admins cannot end each other."""
    actor.require(Scope.MEMBERS_MANAGE)
    tenant_id = actor.tenant_id
    rows = Membership.objects.select_for_update(of=["self"]).filter(tenant_id=tenant_id)
    list(rows.filter(role=Role.ADMIN).order_by("id").values_list("id"))
    row = rows.select_related("user").filter(id=membership_id).first()
    if row is None:
        raise NotFound("There is no such member.")
    return row


def _check_change(actor: Actor, row: Membership, wish: Change) -> None:
    loses_admin = wish.is_active is False or (wish.role is not None and wish.role != Role.ADMIN)
    if row.role == Role.ADMIN and loses_admin:
        _keep_an_admin(row)
    if wish.granted_scopes is None or set(wish.granted_scopes) == set(row.granted_scopes):
        return
    if unknown := set(wish.granted_scopes) - GRANTABLE:
        raise InvalidInput("Only “pii:read” is granted to a person.", extra={"unknown": sorted(unknown)})
    if row.user_id == actor.id:
        raise Forbidden("Nobody grants a scope to themselves; ask another admin.", code="SELF_GRANT")


def _keep_an_admin(row: Membership) -> None:
    others = Membership.objects.filter(
        tenant_id=row.tenant_id, role=Role.ADMIN, is_active=True, needs_proof=False, user__is_active=True
    )
    if not others.exclude(id=row.id).exists():
        raise Conflict("This is the last admin; make somebody else one first.", code="LAST_ADMIN")


def _is_member() -> Conflict:
    return Conflict("This person is a member already.", code="MEMBER_EXISTS")


@contextmanager
def _unique() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise _is_member() from None


def ensure_member(tenant: TenantRef, *, email: str, name: str, role: Role, password: str | None) -> Membership:
    """The person with this address as a member; made when missing, the role set, an existing password kept.

    The installation's own word, as for the demo: the address counts as proved.
    """
    with tenant_context.entered(None):
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            user = User.objects.create_user(email, password, name=name, email_proved_at=clock.now())
        membership, _ = Membership.objects.update_or_create(
            user=user, tenant_id=tenant.id, defaults={"role": role, "is_active": True, "given_name": name}
        )
    return membership


def ensure_operator(*, email: str, name: str, password: str) -> User:
    """An operator of the installation, made when missing."""
    with tenant_context.entered(None):
        known = User.objects.filter(email=email).first()
        return known or User.objects.create_superuser(email, password, name=name, email_proved_at=clock.now())


def remove_people(*, email_domain: str) -> int:
    """Remove the people of a throw-away tenant by their address; answers how many."""
    with tenant_context.entered(None):
        count, _ = User.objects.filter(email__endswith=f"@{email_domain}").delete()
    return count
