"""A workspace's own domains: claimed, proven by a TXT record, served from then on, given up.

A claim holds the name against others for three days only, so nobody can keep a name that is not theirs.
"""

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, InvalidInput, LimitReached, NotFound
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.tenancy.connectors import dns
from apps.tenancy.engine import domains
from apps.tenancy.models import Domain
from apps.tenancy.services import lifecycle

RECORD: Final = "_atom-verification"
CLAIM_LIFE: Final = timedelta(days=3)
MOST: Final = 10


def list_for(actor: Actor) -> list[Domain]:
    """The workspace's domains, by name."""
    actor.require(Scope.TENANT_MANAGE)
    with tenant_context.entered(None):
        return list(Domain.objects.filter(tenant_id=_tenant(actor).id).order_by("domain"))


def add(actor: Actor, text: str) -> Domain:
    """Claim a domain; it is served once `verify` has found the record.

    Raises InvalidInput, Conflict or LimitReached.
    """
    actor.require(Scope.TENANT_MANAGE)
    tenant, name = _tenant(actor), _checked(text)
    try:
        with tenant_context.entered(None), trail.unit_of_work():
            _make_room(tenant, name)
            domain = Domain(
                domain=name, tenant_id=tenant.id, is_primary=False, created_by=actor.id, token=secrets.token_hex(20),
                expires_at=clock.now() + CLAIM_LIFE,
            )  # fmt: skip
            Domain.objects.bulk_create([domain])  # the mixin's save() would make it the primary one
    except IntegrityError:
        raise _taken(name) from None
    lifecycle.note(tenant, actor, "domain.claimed", {"domain": name})
    return domain


def verify(actor: Actor, domain_id: UUID) -> Domain:
    """Ask the DNS now; from the moment the record is there the workspace is served under the name.

    Raises NotFound; Conflict (code DOMAIN_UNVERIFIED) when the record is not there or is another.
    """
    actor.require(Scope.TENANT_MANAGE)
    domain = _mine(actor, domain_id)
    if domain.is_verified:
        return domain
    found = dns.txt_records(record_name(domain))
    proven = record_value(domain) in found
    problem = "" if proven else _what_is_wrong(domain, found)
    with tenant_context.entered(None), trail.unit_of_work():
        now = clock.now()
        fields = {"verified_at": now, "expires_at": None} if proven else {}
        Domain.objects.filter(id=domain.id).update(checked_at=now, problem=problem, **fields)
    if not proven:
        raise Conflict(problem, code="DOMAIN_UNVERIFIED", next_steps=["New records may take some minutes to be seen."])
    lifecycle.note(_tenant(actor), actor, "domain.verified", {"domain": domain.domain})
    domain.verified_at, domain.checked_at, domain.problem = now, now, ""
    return domain


def remove(actor: Actor, domain_id: UUID) -> None:
    """Give the domain up; from the commit on it is not served any more."""
    actor.require(Scope.TENANT_MANAGE)
    domain = _mine(actor, domain_id)
    with tenant_context.entered(None):
        Domain.objects.filter(id=domain.id).delete()
    lifecycle.note(_tenant(actor), actor, "domain.removed", {"domain": domain.domain})


def record_name(domain: Domain) -> str:
    """Where the proof must stand."""
    return f"{RECORD}.{domain.domain}"


def record_value(domain: Domain) -> str:
    """What must stand there."""
    return f"atom-domain={domain.token}"


def _checked(text: str) -> str:
    try:
        name = domains.normalised(text)
    except ValueError as error:
        raise InvalidInput(str(error), code="BAD_DOMAIN") from None
    if domains.belongs_to(name, settings.OWN_HOSTS):
        raise InvalidInput(f"“{name}” belongs to this installation; name a domain of your own.", code="BAD_DOMAIN")
    return name


def _make_room(tenant: TenantRef, name: str) -> None:
    """Drop a claim on the name that has run out; one claim at a time per name and per tenant."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('atom.domain'), hashtext(%s))", [str(tenant.id)])
    Domain.objects.filter(domain=name, verified_at=None, expires_at__lt=clock.now()).delete()
    if Domain.objects.filter(domain=name).exists():
        raise _taken(name)
    if Domain.objects.filter(tenant_id=tenant.id).count() >= MOST:
        raise LimitReached(f"A workspace has at most {MOST} domains.", code="QUOTA_DOMAINS")


def _taken(name: str) -> Conflict:
    return Conflict(
        f"“{domains.shown(name)}” is in use by a workspace already.",
        code="DOMAIN_TAKEN",
        next_steps=["If it is yours, ask the operator: an unproven claim ends by itself after three days."],
    )


def _what_is_wrong(domain: Domain, found: list[str]) -> str:
    if not found:
        return f"There is no TXT record at {record_name(domain)} yet."
    return f"The TXT record at {record_name(domain)} says something else."


def _mine(actor: Actor, domain_id: UUID) -> Domain:
    with tenant_context.entered(None):
        domain: Domain | None = Domain.objects.filter(id=domain_id, tenant_id=_tenant(actor).id).first()
    if domain is None:
        raise NotFound("There is no such domain.")
    return domain


def _tenant(actor: Actor) -> TenantRef:
    if actor.tenant is None:
        raise NotFound("There is no such tenant.")
    return actor.tenant
