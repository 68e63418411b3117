"""Asking for a purge: what it would remove, why it may be refused, and the moment from which nobody gets in."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils.module_loading import import_string

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Conflict, InvalidInput, NotFound
from apps.core.ids import new_id
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.realtime.services import publisher
from apps.tenancy import registry
from apps.tenancy.enums import PurgeState, TenantStatus
from apps.tenancy.models import ApiLogin, Membership, PersonalToken, Purge, RefreshToken, Tenant
from apps.tenancy.services import lifecycle, passwords, wakeups
from apps.tenancy.services.purges import stores

KIND = "tenancy.purge"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a purge would remove, by store and item, and what is still at work."""

    tenant: TenantRef
    stores: dict[str, stores.Counts]
    active: dict[str, int]

    @property
    def is_refused(self) -> bool:
        """Whether it needs `force`."""
        return any(self.active.values())


def preview(actor: Actor, tenant: TenantRef) -> Preview:
    """Count everything; raises Forbidden or NotFound."""
    _may_purge(actor, tenant.id)
    with tenant_context.entered(None):
        return Preview(tenant, stores.count_all(tenant), active(tenant))


def active(tenant: TenantRef) -> dict[str, int]:
    """What is at work in the tenant, by the names of the apps that told us how to ask."""
    with tenant_context.entered(tenant):
        return {each.name: import_string(each.count)() for each in registry.activities()}


def ask(actor: Actor, tenant: TenantRef, *, confirm: bool, force: bool = False) -> Purge:
    """Close the tenant for good and have it removed by a worker; answers the purge, whose receipt can be followed.

    Raises InvalidInput without `confirm`, Conflict while something is at work (unless `force`) or a purge is under way.
    """
    _may_purge(actor, tenant.id)
    if confirm is not True:
        raise InvalidInput("A purge cannot be undone: confirm it with “confirm”: true.", code="NOT_CONFIRMED")
    at_work = {name: count for name, count in active(tenant).items() if count}
    if at_work and not force:
        said = ", ".join(f"{count} {name}" for name, count in at_work.items())
        raise Conflict(
            f"Still at work: {said}. Wait, cancel, or purge with “force”.",
            code="TENANT_BUSY",
            extra={"active": at_work},
        )
    lifecycle.note(tenant, actor, "tenant.purge_asked", {"force": force, "active": at_work})
    purge = _close(actor, tenant, force=force)
    publisher.close_sockets(tenant.id, reason="purged")
    return purge


def _close(actor: Actor, tenant: TenantRef, *, force: bool) -> Purge:
    purge = Purge(
        id=new_id(), tenant_id=tenant.id, slug=tenant.slug, role_name=tenant.role_name,
        schema_name=tenant.schema_name, force=force, asked_by=actor.id, state=PurgeState.ASKED,
    )  # fmt: skip
    try:
        with tenant_context.entered(None), trail.unit_of_work():
            row = lifecycle.locked(tenant.id)
            lifecycle.move(row, TenantStatus.PURGING, reason="This workspace is being removed.")
            _revoke(tenant)
            purge.save(force_insert=True)
            wakeups.schedule_for_platform(KIND, clock.now(), str(purge.id))
            trail.record(
                actor, "tenant.purge_asked", object_type="tenant", object_id=tenant.id,
                summary={"purge": str(purge.id), "force": force},
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("A purge of this workspace is under way.", code="TENANT_STATE") from None
    return purge


def _revoke(tenant: TenantRef) -> None:
    """No token, no login of the tenant is worth anything from here on; who has no other tenant is logged out whole."""
    now, tenant_id = clock.now(), tenant.id
    passwords.end_all_of(stores.only_here(tenant))
    RefreshToken.objects.filter(membership__tenant_id=tenant_id, revoked_at=None).update(revoked_at=now)
    ApiLogin.objects.filter(membership__tenant_id=tenant_id, ended_at=None).update(ended_at=now)
    PersonalToken.objects.filter(membership__tenant_id=tenant_id, revoked_at=None).update(revoked_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE public.{Membership._meta.db_table} SET epoch = epoch + 1, is_active = false WHERE tenant_id = %s",  # noqa: S608 - our own table
            [tenant_id],
        )


def _may_purge(actor: Actor, tenant_id: UUID) -> None:
    if actor.kind in (ActorKind.OPERATOR, ActorKind.SYSTEM):
        return
    actor.require(Scope.TENANT_MANAGE)
    if actor.tenant is None or actor.tenant.id != tenant_id:
        raise NotFound("There is no such tenant.")


def of_slug(slug: str) -> TenantRef:
    """The tenant for an operator's purge, also a suspended one; raises NotFound."""
    with tenant_context.entered(None):
        row = Tenant.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"There is no tenant “{slug}”.")
    return row.ref


def as_answer(found: Preview) -> dict[str, Any]:
    """The preview as the API and the page give it."""
    return {
        "tenant": {"id": str(found.tenant.id), "slug": found.tenant.slug, "name": found.tenant.name},
        "stores": found.stores,
        "active": found.active,
        "needs_force": found.is_refused,
        "kept": "The audit trail stays under pseudonyms for its retention window.",
    }
