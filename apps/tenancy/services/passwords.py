"""Checking a password without telling whether the account exists."""

from django.contrib.auth.hashers import make_password

from apps.tenancy.models import User


def check(email: str, password: str) -> User | None:
    """The active person with this password, or None. Hashes once either way, so time tells nothing."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None or not user.has_usable_password():
        make_password(password)
        return None
    if not user.check_password(password):
        return None
    return user if user.is_active else None
