"""Login by e-mail and password for pages and the operators' admin; the same work whether the account exists or not."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from apps.tenancy.models import User
from apps.tenancy.services import passwords, throttle


class EmailBackend(ModelBackend):
    """Checks the password in constant work; refuses inactive people."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person, or None; raises LimitReached after too many failures."""
        email = username or kwargs.get("email") or ""
        address = request.META.get("REMOTE_ADDR", "") if request else ""
        throttle.check(email, address)
        user = passwords.check(email, password or "")
        (throttle.succeeded if user else throttle.failed)(email, address)
        return user
