"""Logging in and out of the pages: what the session remembers, and the lines in every workspace's audit trail."""

from typing import Any, Final
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import update_last_login

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.ids import new_id
from apps.tenancy.contracts import Origin
from apps.tenancy.models import Membership, PageSession, User
from apps.tenancy.selectors import logins
from apps.tenancy.services import security_log, sessions
from apps.tenancy.services.page_sessions import ABOUT

STRONG: Final = "strong"  # a second factor was given in this session
ONLY_TENANT: Final = "only_tenant"  # the session began at this tenant's own provider and opens nothing else
_TOUCH_EVERY: Final = 600.0
_touched: dict[str, float] = {}


def remember(session: Any, user: User, *, origin: Origin, is_strong: bool = False, only_tenant: str = "") -> None:
    """Fill a session that has just begun, before it is saved."""
    session[ABOUT] = {"id": str(new_id()), "device": origin.device, "region": origin.region}
    session[STRONG] = is_strong
    if only_tenant:
        session[ONLY_TENANT] = only_tenant
    update_last_login(None, user)  # type: ignore[arg-type]  # the sender is only needed as a signal receiver
    detail = "by the workspace's provider" if only_tenant else ""
    security_log.record("login", user_id=user.id, origin=origin, detail=detail)


def touch(session_key: str, actor: Actor) -> None:
    """Note that a session is in use, and its person here: written once in ten minutes and process."""
    now, key = clock.now(), f"{session_key}|{actor.tenant_id}"
    if now.timestamp() - _touched.get(key, 0.0) < _TOUCH_EVERY:
        return
    if len(_touched) > 10_000:
        _touched.clear()
    _touched[key] = now.timestamp()
    with tenant_context.entered(None):
        PageSession.objects.filter(session_key=session_key).update(last_seen_at=now)
        Membership.objects.filter(user_id=actor.person_id, tenant_id=actor.tenant_id).update(last_seen_at=now)


def end(actor: Actor, public_id: UUID, *, origin: Origin) -> None:
    """End one page session of one's own; NotFound for anybody else's."""
    logins.check_own(actor)
    with trail.in_public():
        count, _ = PageSession.objects.filter(public_id=public_id, user_id=actor.person_id).delete()
        if not count:
            raise NotFound("There is no such session.")
        security_log.record("session.ended", user_id=actor.id, origin=origin)
        trail.record(actor, "auth.session_ended", object_type="page_session", object_id=public_id)


def renew_hash(session: Any, user: User) -> None:
    """Keep this session after a change of password, under a new key."""
    with tenant_context.entered(None):
        session.cycle_key()
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()


def record(user: User, action: str, *, origin: Origin, only_tenant: str = "") -> None:
    """`auth.login` or `auth.logout`, in the trail of every workspace the session opens."""
    with tenant_context.entered(None):
        memberships = [each for each in sessions.memberships_of(user) if only_tenant in ("", str(each.tenant_id))]
    for membership in memberships:
        with tenant_context.entered(membership.tenant.ref):
            actor = sessions.actor_of(membership, origin.request_id)
            trail.record(actor, action, object_type="membership", object_id=membership.id, summary={"door": "pages"})
