"""Invitations, and mail that waits to be sent. In `public`."""

from typing import ClassVar

from django.db import models

from apps.core.models import BaseModel
from apps.core.permissions import Role
from apps.tenancy.models.tenants import Tenant


class Invitation(BaseModel):
    """Somebody asked into a tenant. The link is signed and names `sent_count`, so a resend voids the one before."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=8, choices=[(role.value, role.value) for role in Role])
    invited_by = models.UUIDField(null=True)
    sent_count = models.IntegerField(default=1)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # Of a member whose address nobody has proved yet: not listed, the member is.
    is_proof = models.BooleanField(default=False)
    # Somebody who came by the tenant's provider: whom accepting connects to it.
    issuer = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="tenancy_one_open_invitation",
            )
        ]


class Letter(BaseModel):
    """A mail to be sent by a worker. It holds no link: the worker makes that, so none is stored."""

    kind = models.CharField(max_length=40)
    address = models.EmailField(max_length=254)
    subject_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)
