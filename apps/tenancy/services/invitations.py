"""Asking somebody into a tenant: made, sent, resent, withdrawn by admins; accepted once, by the person it names."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, NotFound
from apps.core.permissions import Role, Scope
from apps.core.tenant import require
from apps.tenancy.contracts import Origin
from apps.tenancy.models import ExternalIdentity, Invitation, Membership, User
from apps.tenancy.services import letters, links, passwords, quota, security_log, sessions, throttle

GOOD_FOR: Final = timedelta(days=7)


def invite(actor: Actor, *, email: str, name: str, role: Role) -> Invitation:
    """An open invitation to the actor's tenant, and its letter; raises Conflict when there is one already."""
    actor.require(Scope.MEMBERS_MANAGE)
    tenant = require()
    throttle.admit("invite", email, str(actor.id))
    with trail.in_public():
        row = open_for(tenant.id, email, role=role, name=name, invited_by=actor.id)
        letters.post("invitation", email, subject_id=row.id)
        trail.record(actor, "member.invited", object_type="invitation", object_id=row.id, summary={"role": role})
    return row


def open_for(
    tenant_id: UUID, email: str, *, role: Role, name: str, invited_by: UUID | None, is_proof: bool = False
) -> Invitation:
    """The row alone, inside the caller's transaction. An invitation that has run out makes room."""
    waiting = Invitation.objects.select_for_update().filter(
        tenant_id=tenant_id, email=email, accepted_at=None, withdrawn_at=None
    )
    waiting.filter(expires_at__lte=clock.now()).update(withdrawn_at=clock.now())
    if waiting.exists():
        raise Conflict("There is an open invitation to this address already; resend it.", code="INVITATION_OPEN")
    return Invitation.objects.create(
        tenant_id=tenant_id,
        email=email,
        name=name,
        role=role,
        invited_by=invited_by,
        expires_at=clock.now() + GOOD_FOR,
        is_proof=is_proof,
    )


def connect(tenant_id: UUID, email: str, *, issuer: str, subject: str, role: Role | None) -> bool:
    """Have whoever reads this address confirm that they came by the tenant's provider; inside a transaction.

    An open invitation takes the identity on; without one it needs a role. Answers whether a letter goes out.
    """
    waiting = Invitation.objects.select_for_update().filter(
        tenant_id=tenant_id, email=email, accepted_at=None, withdrawn_at=None, expires_at__gt=clock.now()
    )
    row = waiting.first()
    if row is None and role is None:
        return False
    row = row or open_for(tenant_id, email, role=role or Role.VIEWER, name="", invited_by=None)
    row.issuer, row.subject, row.sent_count = issuer, subject, row.sent_count + 1
    row.save(update_fields=["issuer", "subject", "sent_count", "updated_at"])
    letters.post("invitation", email, subject_id=row.id)
    return True


def resend(actor: Actor, invitation_id: UUID) -> Invitation:
    """Send it again under a new link; the one before is void."""
    with trail.in_public():
        row = _open_of(actor, invitation_id)
        throttle.admit("invite", row.email, str(actor.id))
        row.sent_count += 1
        row.expires_at = clock.now() + GOOD_FOR
        row.save(update_fields=["sent_count", "expires_at", "updated_at"])
        letters.post("invitation", row.email, subject_id=row.id)
        trail.record(actor, "member.invitation_resent", object_type="invitation", object_id=row.id)
    return row


def withdraw(actor: Actor, invitation_id: UUID) -> None:
    """Take it back; its link is void at once."""
    with trail.in_public():
        row = _open_of(actor, invitation_id)
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at", "updated_at"])
        trail.record(actor, "member.invitation_withdrawn", object_type="invitation", object_id=row.id)


def look(token: str, *, origin: Origin) -> tuple[Invitation, User | None]:
    """The open invitation behind a link and the person it names, if there is one; raises InvalidInput."""
    throttle.admit("link", token[:40], origin.address)
    with tenant_context.entered(None):
        row = links.invited(token, Invitation.objects.select_related("tenant"))
        return row, User.objects.filter(email=row.email).first()


def accept_new(token: str, *, name: str, password: str, origin: Origin) -> User:
    """Come in by the link alone: somebody new, or whose address nobody has proved before. Raises InvalidInput.

    Who came by the tenant's provider needs no password here; an account that somebody else made always gets one.
    """
    with trail.in_public():
        row = links.invited(token, Invitation.objects.select_for_update(of=["self"]).select_related("tenant"))
        user = User.objects.select_for_update().filter(email=row.email).first()
        if password or user is not None or not row.subject:
            passwords.check_rules(password, email=row.email, name=name)
        if user is not None and user.email_proved_at is not None:
            raise Forbidden("You have an account here; log in to accept.", code="LOGIN_NEEDED")
        if user is None:
            user = User.objects.create_user(row.email, password or None, name=name, email_proved_at=clock.now())
        else:
            passwords.put(user, password)
            passwords.address_proved(user, password)
        membership = _join(row, user)
        _record(membership, row, origin)
    return user


def accept_as(user: User, token: str, *, origin: Origin) -> Membership:
    """Come in as who one is logged in as; raises Forbidden when the link names somebody else."""
    with trail.in_public():
        row = links.invited(token, Invitation.objects.select_for_update(of=["self"]).select_related("tenant"))
        if user.email != row.email or not user.is_active or user.email_proved_at is None:
            raise Forbidden("This invitation is for somebody else.", code="WRONG_PERSON")
        membership = _join(row, user)
        _record(membership, row, origin)
    return membership


def _join(row: Invitation, user: User) -> Membership:
    row.accepted_at = clock.now()
    row.save(update_fields=["accepted_at", "updated_at"])
    defaults = {"role": row.role, "is_active": True, "needs_proof": False}
    if row.is_proof:
        defaults = {"needs_proof": False}
    if row.subject:
        ExternalIdentity.objects.update_or_create(
            tenant_id=row.tenant_id, issuer=row.issuer, subject=row.subject, defaults={"user": user}
        )
        if Membership.objects.filter(user=user, tenant_id=row.tenant_id).exists():
            defaults = {"needs_proof": False}
    if not Membership.objects.filter(user=user, tenant_id=row.tenant_id, is_active=True).exists():
        quota.admit_seat(row.tenant_id)
    membership, _ = Membership.objects.update_or_create(
        user=user, tenant_id=row.tenant_id, defaults=defaults, create_defaults={**defaults, "role": row.role}
    )
    Membership.objects.filter(id=membership.id).update(last_seen_at=clock.now())
    return Membership.objects.select_related("user", "tenant").get(id=membership.id)


def _record(membership: Membership, row: Invitation, origin: Origin) -> None:
    security_log.record("member.joined", user_id=membership.user_id, tenant_id=membership.tenant_id, origin=origin)
    with tenant_context.entered(membership.tenant.ref):
        actor = sessions.actor_of(membership, origin.request_id)
        summary = {"invitation": str(row.id), "role": membership.role}
        trail.record(actor, "member.joined", object_type="membership", object_id=membership.id, summary=summary)


def _open_of(actor: Actor, invitation_id: UUID) -> Invitation:
    actor.require(Scope.MEMBERS_MANAGE)
    rows = Invitation.objects.select_for_update().filter(id=invitation_id, is_proof=False)
    row = rows.filter(tenant_id=actor.tenant_id, accepted_at=None, withdrawn_at=None).first()
    if row is None:
        raise NotFound("There is no such open invitation.")
    return row
