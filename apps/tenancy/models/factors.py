"""Second factors, and sign-in by another provider. In `public`; secrets are sealed or elsewhere."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.models import BaseModel
from apps.core.permissions import Role
from apps.tenancy.models.people import User
from apps.tenancy.models.tenants import Tenant


class SecondFactor(BaseModel):
    """A person's authenticator (TOTP, RFC 6238). The secret is sealed; `last_step` refuses a code's second use."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    sealed = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)
    failures = models.IntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)


class RecoveryCode(BaseModel):
    """A code for the day the authenticator is lost; stored hashed, good once."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)


class SignInProvider(BaseModel):
    """A tenant's OpenID Connect provider. Its client secret lives in the tenant's SecretsManager alone."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="sign_in_provider")
    name = models.CharField(max_length=60)
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=300)
    allowed_domains = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    auto_join_role = models.CharField(
        max_length=8, blank=True, choices=[("", "nobody"), *((role.value, role.value) for role in Role)]
    )
    is_enabled = models.BooleanField(default=False)


class ExternalIdentity(BaseModel):
    """A person as one tenant's provider knows them. Never shared between tenants: an issuer is a tenant's own word."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="external_identities")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    last_login_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "issuer", "subject"], name="tenancy_one_identity")
        ]
