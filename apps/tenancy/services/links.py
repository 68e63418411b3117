"""Signed links that come by mail: what they are made of, and what a presented one still stands for.

Each is bound to a state that its use changes (a count, the password's hash, a row), so it works once.
"""

from typing import Final
from uuid import UUID

from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db.models import QuerySet

from apps.core import clock
from apps.core.errors import InvalidInput
from apps.tenancy.models import Invitation, SecondFactor, User
from atom_project.config import config

_INVITATION: Final = "atom.invitation"
_FACTOR: Final = "atom.factor-reset"
_FACTOR_SECONDS: Final = 24 * 3600


def not_good() -> InvalidInput:
    """One answer for forged, used, withdrawn and expired links."""
    return InvalidInput("This link is not good (any more). Ask for a new one.", code="LINK_INVALID")


def invitation(row: Invitation) -> str:
    """The address in an invitation."""
    return f"{config.base_url}/invitations/{invitation_token(row)}"


def invitation_token(row: Invitation) -> str:
    """The signed part of it."""
    return signing.dumps({"i": row.id.hex, "n": row.sent_count}, salt=_INVITATION, compress=True)


def invited(token: str, rows: QuerySet[Invitation]) -> Invitation:
    """The open invitation behind a link, from `rows` (locked, where it is about to be used); raises InvalidInput."""
    try:
        said = signing.loads(token, salt=_INVITATION)
        row = rows.filter(id=UUID(said["i"]), sent_count=int(said["n"]), accepted_at=None, withdrawn_at=None).first()
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        row = None
    if row is None or row.expires_at <= clock.now() or row.tenant.status != "active":
        raise not_good()
    return row


def reset(user: User) -> str:
    """The address in a letter about a new password (Django's token: dies with the password, a login, an hour)."""
    return f"{config.base_url}/password/reset/{user.pk.hex}/{default_token_generator.make_token(user)}"


def may_reset(uid: str, token: str, rows: QuerySet[User]) -> User:
    """Whose password a link may set; raises InvalidInput."""
    try:
        user = rows.filter(id=UUID(uid), is_active=True).first()
    except ValueError:
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise not_good()
    return user


def factor_reset(user: User) -> str:
    """The address in a letter about removing a second factor."""
    factor = SecondFactor.objects.filter(user=user).first()
    token = signing.dumps({"f": factor.id.hex if factor else ""}, salt=_FACTOR)
    return f"{config.base_url}/login/second-factor/remove/{token}"


def factor_to_remove(token: str) -> SecondFactor:
    """The second factor behind a link; raises InvalidInput."""
    try:
        said = signing.loads(token, salt=_FACTOR, max_age=_FACTOR_SECONDS)
        row = SecondFactor.objects.select_related("user").filter(id=UUID(said["f"])).first()
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        row = None
    if row is None or not row.user.is_active:
        raise not_good()
    return row
