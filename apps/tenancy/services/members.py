"""People and their place in a tenant. Written as the runtime role, outside any tenant."""

from apps.core import tenant as tenant_context
from apps.core.permissions import Role
from apps.core.tenant import TenantRef
from apps.tenancy.models import Membership, User


def ensure_member(tenant: TenantRef, *, email: str, name: str, role: Role, password: str | None) -> Membership:
    """The person with this address as a member; made when missing, the role set, an existing password kept."""
    with tenant_context.entered(None):
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            user = User.objects.create_user(email, password, name=name)
        membership, _ = Membership.objects.update_or_create(
            user=user, tenant_id=tenant.id, defaults={"role": role, "is_active": True}
        )
    return membership


def ensure_operator(*, email: str, name: str, password: str) -> User:
    """An operator of the installation, made when missing."""
    with tenant_context.entered(None):
        return User.objects.filter(email=email).first() or User.objects.create_superuser(email, password, name=name)


def remove_people(*, email_domain: str) -> int:
    """Remove the people of a throw-away tenant by their address; answers how many."""
    with tenant_context.entered(None):
        count, _ = User.objects.filter(email__endswith=f"@{email_domain}").delete()
    return count
