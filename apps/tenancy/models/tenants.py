"""Tenants, their domains, and the state of their schemas. All in `public`."""

from typing import ClassVar

from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from apps.core.models import BaseModel
from apps.core.tenant import TenantRef
from apps.tenancy.enums import TenantStatus


class Tenant(TenantMixin, BaseModel):  # type: ignore[misc,django-manager-missing]
    """A company. Its data lives in the schema `schema_name`, reachable only as the role `role_name`."""

    auto_create_schema = False
    auto_drop_schema = False

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    role_name = models.CharField(max_length=63, unique=True)
    status = models.CharField(
        max_length=16,
        choices=[(status.value, status.value) for status in TenantStatus],
        default=TenantStatus.PROVISIONING,
    )
    timezone = models.CharField(max_length=64, default="UTC")
    is_demo = models.BooleanField(default=False)
    is_production = models.BooleanField(
        default=True,
        help_text="Real execution for it waits for a passed cut-over check; that check runs on a tenant without this.",
    )
    status_reason = models.CharField(max_length=300, blank=True)
    status_since = models.DateTimeField(null=True, blank=True)
    requires_second_factor = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> TenantRef:
        """The value that travels through the code."""
        return TenantRef(self.id, self.slug, self.name, self.schema_name, self.role_name, self.timezone)


class Domain(DomainMixin):  # type: ignore[misc]
    """A host name of the tenant's own (in punycode). Pages are served there once `verified_at` is set.

    Unverified it is a claim that ends at `expires_at`, so that nobody can keep a name that is not theirs.
    """

    id = BaseModel._meta.get_field("id").clone()
    created_at = BaseModel._meta.get_field("created_at").clone()
    created_by = models.UUIDField(null=True, blank=True)
    token = models.CharField(max_length=64, default="")
    verified_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    @property
    def is_verified(self) -> bool:
        """Whether pages are served under this name."""
        return self.verified_at is not None


class SlugAlias(BaseModel):
    """A slug the tenant had before; its addresses lead on to the new one until `expires_at`."""

    slug = models.SlugField(max_length=40, unique=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="aliases")
    expires_at = models.DateTimeField()


class SchemaScript(models.Model):
    """The prepared DDL of a fully migrated tenant schema, keyed by the hash of the migrations it holds."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    ddl = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)


class SchemaStatus(models.Model):
    """Outcome of the last migration run per schema (one row each; `public` and the template included)."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16)
    applied = models.IntegerField(default=0)
    error = models.TextField(blank=True)
    duration_ms = models.FloatField(default=0)
    finished_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "schema states"
