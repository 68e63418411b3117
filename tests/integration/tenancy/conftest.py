"""People and tenants. A module that says `ONE_TENANT = True` has one tenant for its tests, emptied for each."""

from collections.abc import Iterator

import pytest

from apps.core import tenant as tenant_context
from apps.core.permissions import Role
from apps.core.tenant import TenantRef
from apps.policies.models import Secret
from apps.tenancy.models import ExternalIdentity, Invitation, Membership, SecurityEvent, SignInProvider, Tenant, User
from apps.tenancy.services import members
from tests.support import cast


@pytest.fixture
def fresh_tenant(request: pytest.FixtureRequest, world: dict[str, TenantRef]) -> Iterator[TenantRef]:
    """A tenant with frida as its admin and nobody else, and nothing that happened to her before."""
    if not getattr(request.module, "ONE_TENANT", False):
        with cast.temporary_tenant() as tenant:
            yield tenant
        return
    tenant = request.getfixturevalue("shared_tenant")
    _empty(tenant)
    yield tenant


def _empty(tenant: TenantRef) -> None:
    here = Membership.objects.filter(tenant_id=tenant.id)
    people = set(here.values_list("user_id", flat=True))
    elsewhere = Membership.objects.exclude(tenant_id=tenant.id).filter(user_id__in=people)
    stay = set(elsewhere.values_list("user_id", flat=True))
    here.delete()
    User.objects.filter(id__in=people - stay).delete()
    Invitation.objects.filter(tenant_id=tenant.id).delete()
    for model in (ExternalIdentity, SecurityEvent, SignInProvider):
        model.objects.filter(tenant_id=tenant.id).delete()
    with tenant_context.entered(tenant):
        Secret.objects.all().delete()
    Tenant.objects.filter(id=tenant.id).update(requires_second_factor=False)
    members.ensure_member(
        tenant, email=f"frida@{tenant.slug}.test", name="Frida", role=Role.ADMIN, password=cast.PASSWORD
    )
