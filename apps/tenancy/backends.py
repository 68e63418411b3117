"""Login by e-mail and password for what asks Django itself; the same work whether the account exists or not.

Our own doors go through services.sessions. This one knows no second factor, so it lets nobody in who has one.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from apps.tenancy.models import User
from apps.tenancy.services import passwords, second_factors, throttle


class EmailBackend(ModelBackend):
    """Checks the password in constant work; refuses inactive people."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person, or None; raises LimitReached after too many failures."""
        email = username or kwargs.get("email") or ""
        address = request.META.get("REMOTE_ADDR", "") if request else ""
        throttle.admit("login", email, address)
        user = passwords.check(email, password or "")
        if user is None or second_factors.is_set(user):
            return None
        throttle.succeeded("login", email, address)
        return user
