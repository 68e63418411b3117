"""An operator's way into a tenant's admin: asked for with a reason, for an hour, written where the tenant reads it.

It opens `/t/<slug>/admin/` and nothing else: no page, no API, no SQL. The session holds it, so it ends with the login.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.errors import InvalidInput
from apps.core.permissions import Role
from apps.core.tenant import TenantRef
from apps.tenancy.contracts import NOWHERE, Origin
from apps.tenancy.services import security_log

LIFE: Final = timedelta(hours=1)
ADMIN_PATH: Final = "/admin/"
_KEY: Final = "stepped_into"


def begin(session: SessionBase, operator: Actor, tenant: TenantRef, *, reason: str, origin: Origin = NOWHERE) -> None:
    """Open the tenant's admin to this session. Raises InvalidInput without a reason.

    The entry stands in the tenant's own chain and in the platform's before the door is open.
    """
    reason = reason.strip()[:300]
    if not reason:
        raise InvalidInput("Say why you step in; the tenant's admins read it.")
    _record(operator, tenant, "operator.stepped_in", {"reason": reason, "minutes": LIFE.seconds // 60})
    security_log.record("operator_stepped_in", user_id=operator.id, tenant_id=tenant.id, origin=origin, detail=reason)
    session[_KEY] = {**_open(session), str(tenant.id): (clock.now() + LIFE).isoformat()}


def end(session: SessionBase, operator: Actor, tenant: TenantRef) -> None:
    """Close it again; silent when it was not open."""
    still = _open(session)
    if still.pop(str(tenant.id), None) is not None:
        session[_KEY] = still
        _record(operator, tenant, "operator.stepped_out", {})


def until(session: SessionBase, tenant: TenantRef) -> datetime | None:
    """When the way in closes by itself; None when it is closed."""
    text = _open(session).get(str(tenant.id))
    moment = datetime.fromisoformat(text) if text else None
    return moment if moment and moment > clock.now() else None


def actor_in(user: Any, session: SessionBase, tenant: TenantRef) -> Actor | None:
    """The operator as somebody who may look at this tenant's admin now, or None."""
    if not (user.is_active and user.is_superuser) or until(session, tenant) is None:
        return None
    return Actor(user.pk, tenant, user.email, str(user), Role.ADMIN, frozenset(), ActorKind.OPERATOR)


def _open(session: SessionBase) -> dict[str, str]:
    return dict(session.get(_KEY) or {})


def _record(operator: Actor, tenant: TenantRef, action: str, summary: dict[str, Any]) -> None:
    for place in (tenant, None):
        with tenant_context.entered(place):
            trail.record(operator, action, object_type="tenant", object_id=tenant.id, summary=summary)
