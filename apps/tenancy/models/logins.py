"""What lets somebody in again: page sessions, API logins with their refresh tokens, personal tokens. In `public`."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

from apps.core.ids import new_id
from apps.core.models import BaseModel
from apps.tenancy.models.people import Membership, User


class PageSession(AbstractBaseSession):
    """A browser's session, kept with whose it is, so that it can be listed and ended from elsewhere."""

    public_id = models.UUIDField(unique=True, default=new_id)  # what pages name it by; the key is the cookie's value
    user_id = models.UUIDField(null=True, db_index=True)
    device = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar = BaseSessionManager()

    class Meta(AbstractBaseSession.Meta):
        db_table = "tenancy_pagesession"


class ApiLogin(BaseModel):
    """One login of a program: the family of its refresh tokens. Ending it voids its access tokens at once."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="api_logins")
    device = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=64, blank=True)
    is_strong = models.BooleanField(default=False)  # a second factor was given
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)


class RefreshToken(BaseModel):
    """One refresh token, stored hashed. A family is one login; using a token twice revokes its family."""

    family = models.UUIDField(db_index=True)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="refresh_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class PersonalToken(BaseModel):
    """A token a member made for a program; stored hashed. It holds what both its scopes and its owner hold."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="personal_tokens")
    name = models.CharField(max_length=80)
    start = models.CharField(max_length=20)  # what is shown of it
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_region = models.CharField(max_length=64, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class SecurityEvent(BaseModel):
    """A line of the security log: what happened to a person's way in. No address in full, no secret."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    tenant_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    outcome = models.CharField(max_length=12, default="ok")
    device = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=64, blank=True)
    detail = models.CharField(max_length=160, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], name="tenancy_security_by_user"),
            models.Index(fields=["tenant_id", "-created_at"], name="tenancy_security_by_tenant"),
            models.Index(fields=["created_at"], name="tenancy_security_age"),
        ]
