"""How a tenant's people come in: its provider, its rule about second factors."""

from dataclasses import dataclass

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.core.tenant import require
from apps.tenancy.models import SignInProvider, Tenant


@dataclass(frozen=True, slots=True)
class SignIn:
    """The settings; the client secret is never among them."""

    provider: SignInProvider | None
    requires_second_factor: bool


def settings_for(actor: Actor) -> SignIn:
    """The tenant's settings; raises Forbidden without `settings:manage`."""
    actor.require(Scope.SETTINGS_MANAGE)
    tenant = require()
    with tenant_context.entered(None):
        provider = SignInProvider.objects.filter(tenant_id=tenant.id).first()
        rule = Tenant.objects.filter(id=tenant.id).values_list("requires_second_factor", flat=True).first()
    return SignIn(provider, bool(rule))
