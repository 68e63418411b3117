"""A tenant's state and name: suspend, resume, rename. Each locks the row, is audited on both sides, acts at once.

Identity reads the state with every request, so a suspended tenant's tokens and sessions are refused from the commit
on; its data, schedules and tokens stay as they are and work again after `resume`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.realtime.services import publisher
from apps.tenancy.engine import names
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import SlugAlias, Tenant

ALIAS_LIFE: Final = timedelta(days=90)
TRANSITIONS: Final = {
    TenantStatus.PROVISIONING: {TenantStatus.ACTIVE, TenantStatus.FAILED},
    TenantStatus.ACTIVE: {TenantStatus.SUSPENDED, TenantStatus.PURGING},
    TenantStatus.SUSPENDED: {TenantStatus.ACTIVE, TenantStatus.PURGING},
    TenantStatus.FAILED: set(),
    TenantStatus.PURGING: set(),
}


def suspend(tenant_id: UUID, *, actor: Actor, reason: str) -> TenantRef:
    """Close the workspace to everybody; `reason` is shown to its members. Raises Conflict unless it is active."""
    require_operator(actor)
    reason = names.clean_name(reason)[:300]
    if not reason:
        raise InvalidInput("Say why: the reason is shown to the members.")
    ref = _change_state(tenant_id, TenantStatus.SUSPENDED, actor=actor, action="tenant.suspended", reason=reason)
    publisher.close_sockets(ref.id, reason="suspended")
    return ref


def resume(tenant_id: UUID, *, actor: Actor) -> TenantRef:
    """Open a suspended workspace again; what its schedules held back is due at once."""
    require_operator(actor)
    return _change_state(tenant_id, TenantStatus.ACTIVE, actor=actor, action="tenant.resumed", reason="")


def rename(tenant_id: UUID, *, actor: Actor, name: str, slug: str) -> TenantRef:
    """Another name, another slug, or both; old addresses lead on for 90 days. Raises InvalidInput or Conflict."""
    _require_manager(actor, tenant_id)
    name = names.clean_name(name)
    if problem := names.name_problem(name):
        raise InvalidInput(problem, code="BAD_NAME")
    try:
        with tenant_context.entered(None), trail.unit_of_work():
            tenant = locked(tenant_id)
            before = {"name": tenant.name, "slug": tenant.slug}
            if slug != tenant.slug:
                _take_slug(tenant, slug)
            tenant.name = name
            tenant.save(update_fields=["name", "slug", "updated_at"])
            changed = {key: [old, getattr(tenant, key)] for key, old in before.items() if old != getattr(tenant, key)}
            if changed:
                trail.record(actor, "tenant.renamed", object_type="tenant", object_id=tenant.id, summary=changed)
    except IntegrityError:
        raise slug_taken(slug) from None
    if changed:
        note(tenant.ref, actor, "tenant.renamed", changed)
    return tenant.ref


def locked(tenant_id: UUID) -> Tenant:
    """The row under a lock until the transaction ends; raises NotFound."""
    tenant = Tenant.objects.select_for_update().filter(id=tenant_id).first()
    if tenant is None:
        raise NotFound("There is no such tenant.")
    return tenant


def move(tenant: Tenant, to: TenantStatus, *, reason: str = "") -> None:
    """The only writer of a tenant's state; the row is locked. Raises Conflict for a step the table does not allow."""
    state = TenantStatus(tenant.status)
    if to not in TRANSITIONS[state]:
        raise Conflict(f"The workspace is {state}; it cannot become {to}.", code="TENANT_STATE")
    tenant.status, tenant.status_reason, tenant.status_since = to, reason, clock.now()
    tenant.save(update_fields=["status", "status_reason", "status_since", "updated_at"])


def require_operator(actor: Actor) -> None:
    """Raise Forbidden unless the installation itself acts: an operator or the system."""
    if actor.kind not in (ActorKind.OPERATOR, ActorKind.SYSTEM):
        raise Forbidden("Only an operator of the installation may do this.")


def slug_taken(slug: str) -> Conflict:
    """The one answer for a slug that somebody has."""
    return Conflict(f"There is a tenant “{slug}” already.", code="TENANT_EXISTS")


def note(tenant: TenantRef, actor: Actor, action: str, summary: Mapping[str, object]) -> None:
    """The same event in the tenant's own chain, so that its people see what was done to it."""
    with tenant_context.entered(tenant):
        trail.record(actor, action, object_type="tenant", object_id=tenant.id, summary=summary)


def free_slug(slug: str, *, tenant_id: UUID | None = None) -> None:
    """Hold the slug until the transaction ends; raises Conflict when it leads to another tenant for some time yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('atom.slug'), hashtext(%s))", [slug])
    alias = SlugAlias.objects.filter(slug=slug).first()
    if alias is None:
        return
    if alias.tenant_id != tenant_id and alias.expires_at > clock.now():
        raise slug_taken(slug)
    alias.delete()


def _take_slug(tenant: Tenant, slug: str) -> None:
    if problem := names.slug_problem(slug):
        raise InvalidInput(problem, code="BAD_SLUG")
    free_slug(slug, tenant_id=tenant.id)
    SlugAlias.objects.create(slug=tenant.slug, tenant=tenant, expires_at=clock.now() + ALIAS_LIFE)
    tenant.slug = slug


def _change_state(tenant_id: UUID, to: TenantStatus, *, actor: Actor, action: str, reason: str) -> TenantRef:
    summary: dict[str, object] = {"reason": reason} if reason else {}
    with tenant_context.entered(None), trail.unit_of_work():
        tenant = locked(tenant_id)
        move(tenant, to, reason=reason)
        trail.record(actor, action, object_type="tenant", object_id=tenant.id, summary=summary)
    note(tenant.ref, actor, action, summary)
    return tenant.ref


def _require_manager(actor: Actor, tenant_id: UUID) -> None:
    if actor.kind in (ActorKind.OPERATOR, ActorKind.SYSTEM):
        return
    actor.require(Scope.TENANT_MANAGE)
    if actor.tenant is None or actor.tenant.id != tenant_id:
        raise NotFound("There is no such tenant.")
