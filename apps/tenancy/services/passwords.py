"""Passwords: checked without telling whether the account exists, chosen by rules, changed with everything that follows.

The rules are Django's validators (settings: length, common list, likeness to the person, not digits alone).
"""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.errors import InvalidInput, Unauthorised
from apps.tenancy.contracts import Origin
from apps.tenancy.models import ApiLogin, Membership, PageSession, RefreshToken, SecondFactor, User
from apps.tenancy.services import security_log, tokens


def find(email: str) -> User | None:
    """The person with this address, whatever their state. A text that no address can be finds nobody."""
    if "\x00" in email:
        return None
    return User.objects.filter(email=email.strip().lower()).first()


def check(email: str, password: str) -> User | None:
    """The active person with this password, or None. Hashes once either way, so time tells nothing."""
    return matches(find(email), password)


def matches(user: User | None, password: str) -> User | None:
    """`user` if this is their password and they are active. Hashes once either way."""
    if user is None or not user.has_usable_password():
        make_password(password)
        return None
    if not user.check_password(password):
        return None
    return user if user.is_active else None


def check_rules(password: str, *, email: str, name: str = "") -> None:
    """Raise InvalidInput with every rule that `password` breaks."""
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        rows = [{"field": "password", "message": text} for text in error.messages]
        raise InvalidInput(" ".join(error.messages), code="PASSWORD_TOO_WEAK", extra={"errors": rows}) from None
    if "\x00" in password:
        raise InvalidInput("A password holds no NUL.", code="PASSWORD_TOO_WEAK")


def check_change(user: User, *, current: str, new: str, origin: Origin) -> None:
    """Whether a person may give themselves the password `new`; raises Unauthorised, InvalidInput."""
    with tenant_context.entered(None):
        if matches(user, current) is None:
            security_log.record("password.change", user_id=user.id, origin=origin, outcome="refused")
            raise Unauthorised("The current password is wrong.", code="PASSWORD_WRONG")
    check_rules(new, email=user.email, name=user.name)


def change(user: User, new: str, *, keep_session: str, origin: Origin) -> None:
    """A person's own change, after `check_change`; every other login ends."""
    with tenant_context.entered(None):
        put(user, new)
        end_all(user, except_session=keep_session)
    security_log.record("password.changed", user_id=user.id, origin=origin)


def put(user: User, password: str) -> None:
    """Store a new password, hashed. The caller has checked the rules and says what ends."""
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])


def end_all(user: User, *, except_session: str = "") -> None:
    """End every session and API login of a person at once; personal tokens are ended one by one."""
    User.objects.filter(id=user.id).update(epoch=F("epoch") + 1)
    user.refresh_from_db(fields=["epoch"])
    PageSession.objects.filter(user_id=user.id).exclude(session_key=except_session).delete()
    tokens.end_logins_of(user.id)


def end_all_of(people: QuerySet[User]) -> None:
    """End every session and API login of many people, in four statements whatever their number."""
    now = clock.now()
    PageSession.objects.filter(user_id__in=people.values("id")).delete()
    RefreshToken.objects.filter(membership__user__in=people, revoked_at=None).update(revoked_at=now)
    ApiLogin.objects.filter(membership__user__in=people, ended_at=None).update(ended_at=now)
    people.update(epoch=F("epoch") + 1)


def address_proved(user: User, password: str | None) -> None:
    """The person has shown that they read this address: what waited for that opens.

    Where nobody had shown it before, somebody else may have chosen the password or set a second factor, so both go.
    """
    if user.email_proved_at is None:
        if password is None:
            raise InvalidInput("Choose a password of your own.", code="PASSWORD_NEEDED")
        user.email_proved_at = clock.now()
        user.save(update_fields=["email_proved_at", "updated_at"])
        SecondFactor.objects.filter(user=user).delete()
        end_all(user)
    Membership.objects.filter(user=user, needs_proof=True).update(needs_proof=False)
