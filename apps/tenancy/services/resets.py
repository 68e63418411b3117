"""A forgotten password, and a second factor that an admin lets somebody remove: by links that come by mail."""

from django.db import transaction

from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Unauthorised
from apps.core.permissions import Role
from apps.tenancy.contracts import Origin
from apps.tenancy.models import User
from apps.tenancy.services import letters, links, passwords, second_factors, security_log, throttle


def ask(email: str, *, origin: Origin) -> None:
    """Send a link if the address is somebody's. The same writes either way; the worker finds out who it is."""
    throttle.admit("reset", email, origin.address)
    with tenant_context.entered(None), transaction.atomic():
        user = passwords.find(email)
        letters.post("reset", email.strip().lower())
        security_log.record("password.reset_asked", user_id=user.id if user else None, origin=origin)


def look(uid: str, token: str, *, origin: Origin) -> User:
    """Whose password the link may set; raises InvalidInput."""
    throttle.admit("link", uid, origin.address)
    with tenant_context.entered(None):
        return links.may_reset(uid, token, User.objects.all())


def finish(uid: str, token: str, password: str, *, origin: Origin) -> User:
    """Set the password behind a good link, once; every session and login of the person ends. Raises InvalidInput."""
    throttle.admit("link", uid, origin.address)
    with tenant_context.entered(None), trail.unit_of_work():
        user = links.may_reset(uid, token, User.objects.select_for_update())
        passwords.check_rules(password, email=user.email, name=user.name)
        passwords.put(user, password)
        passwords.address_proved(user, password)
        passwords.end_all(user)
        letters.post("password_changed", user.email)
        security_log.record("password.reset", user_id=user.id, origin=origin)
        stranger = Actor(user.id, None, user.email, str(user), Role.VIEWER, frozenset(), request_id=origin.request_id)
        trail.record(stranger, "auth.password_reset", object_type="user", object_id=user.id)
    return user


def remove_factor(token: str, password: str, *, origin: Origin) -> None:
    """Remove the second factor behind a link, for who also knows the password; raises InvalidInput, Unauthorised."""
    with tenant_context.entered(None):
        row = links.factor_to_remove(token)
        user = row.user
        throttle.admit("login", user.email, origin.address)
        if passwords.matches(user, password) is None:
            raise Unauthorised("The password is wrong.", code="PASSWORD_WRONG")
        throttle.succeeded("login", user.email, origin.address)
        second_factors.remove(user, origin=origin, detail="by a link that an admin or operator sent")
