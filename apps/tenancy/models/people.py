"""People: users (global) and their memberships (one per tenant). Both in `public`."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from apps.core.models import BaseModel
from apps.core.permissions import Role
from apps.tenancy.enums import Theme
from apps.tenancy.models.tenants import Tenant


class UserManager(BaseUserManager["User"]):
    """Makes users; addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user; without a password nobody can log in as them yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An operator of the installation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin, BaseModel):
    """A person, known by e-mail; what they may do is in their memberships. `epoch` voids all their tokens at once."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # When somebody last proved that they read this address; until then a password may be another admin's choice.
    email_proved_at = models.DateTimeField(null=True, blank=True)
    epoch = models.IntegerField(default=0)
    timezone = models.CharField(max_length=64, blank=True)
    theme = models.CharField(max_length=8, choices=[(t.value, t.value) for t in Theme], default=Theme.AUTO)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="tenancy_user_email_lower")
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Membership(BaseModel):
    """A person's place in a tenant. `epoch` voids the tokens of this membership at once.

    `needs_proof`: the address belongs to somebody who never proved it, so it opens nothing before they do.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=[(role.value, role.value) for role in Role])
    granted_scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    epoch = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    needs_proof = models.BooleanField(default=False)
    given_name = models.CharField(max_length=120, blank=True)  # by the admin; shown until the person comes in
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "tenant"], name="tenancy_one_membership")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.tenant_id}"
