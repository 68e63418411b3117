"""The audit side of logging in and out of the pages: written to the trail of every workspace the person may enter."""

from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.tenancy.models import User
from apps.tenancy.services import sessions


def record(user: User, action: str, *, request_id: str) -> None:
    """`action` is `auth.login` or `auth.logout`."""
    with tenant_context.entered(None):
        memberships = sessions.memberships_of(user)
    for membership in memberships:
        with tenant_context.entered(membership.tenant.ref):
            actor = sessions.actor_of(membership, request_id)
            trail.record(actor, action, object_type="membership", object_id=membership.id, summary={"door": "pages"})
