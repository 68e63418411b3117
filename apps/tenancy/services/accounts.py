"""What a person does to their own account. Only who logged in themselves may: no token, no provider's word.

A session that began at a tenant's provider is worth something in that tenant alone, and the account is more than that.
"""

from typing import Any

from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Unauthorised
from apps.tenancy.contracts import Origin
from apps.tenancy.models import User
from apps.tenancy.selectors import logins
from apps.tenancy.services import passwords, second_factors, sessions, throttle


def own(actor: Actor) -> User:
    """The actor's account, for changes to it; raises Forbidden."""
    logins.check_own(actor)
    with tenant_context.entered(None):
        return User.objects.get(id=actor.person_id)


def change_password(actor: Actor, *, current: str, new: str, origin: Origin, keep_session: str = "") -> User:
    """Change one's own password; raises Unauthorised, InvalidInput, LimitReached."""
    user = own(actor)
    throttle.admit("login", user.email, origin.address)
    passwords.check_change(user, current=current, new=new, origin=origin)
    throttle.succeeded("login", user.email, origin.address)
    with trail.in_public():
        passwords.change(user, new, keep_session=keep_session, origin=origin)
        trail.record(actor, "auth.password_changed", object_type="user", object_id=user.id)
    return user


def second_factor_of(actor: Actor) -> dict[str, Any]:
    """Whether a second factor is set, and the recovery codes left."""
    user = own(actor)
    return {"is_set": second_factors.is_set(user), "recovery_codes_left": second_factors.codes_left(user)}


def begin_second_factor(actor: Actor, password: str, *, origin: Origin) -> str:
    """A new secret's `otpauth` address; the password is asked again, since a secret can lock somebody out."""
    user = own(actor)
    check_password(user, password, origin=origin)
    return second_factors.begin(user)


def check_password(user: User, password: str, *, origin: Origin) -> None:
    """Ask for the password again; throttled; raises Unauthorised."""
    throttle.admit("login", user.email, origin.address)
    with tenant_context.entered(None):
        if passwords.matches(user, password) is None:
            raise Unauthorised("The password is wrong.", code="PASSWORD_WRONG")
    throttle.succeeded("login", user.email, origin.address)


def confirm_second_factor(actor: Actor, code: str, *, origin: Origin) -> list[str]:
    """Put it in force; answers the recovery codes."""
    user = own(actor)
    with trail.in_public():
        codes = second_factors.confirm(user, code, origin=origin)
        trail.record(actor, "auth.second_factor_set", object_type="user", object_id=actor.id)
    return codes


def renew_recovery_codes(actor: Actor, code: str, *, origin: Origin) -> list[str]:
    """Ten new ones for a code."""
    user = own(actor)
    second_factors.check(user, code, origin=origin)
    with trail.in_public():
        codes = second_factors.renew_codes(user, origin=origin)
        trail.record(actor, "auth.recovery_codes_renewed", object_type="user", object_id=actor.id)
    return codes


def remove_second_factor(actor: Actor, code: str, *, origin: Origin) -> None:
    """Do without a second factor again, for a good code."""
    user = own(actor)
    second_factors.check(user, code, origin=origin)
    with trail.in_public():
        second_factors.remove(user, origin=origin)
        trail.record(actor, "auth.second_factor_removed", object_type="user", object_id=user.id)


def log_out_everywhere(actor: Actor, *, origin: Origin, except_session: str = "") -> None:
    """End every session and login of the person but the one named."""
    own(actor)
    sessions.logout_everywhere(actor, origin=origin, except_session=except_session)
