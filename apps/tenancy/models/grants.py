"""Grants on single objects, kept by django-guardian in a table of ours: in `public`, with the tenant in every row."""

from typing import ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from guardian.models.models import UserObjectPermissionAbstract

from apps.core.ids import new_id


class CurrentTenant(models.Func):
    """The id in the name of the database role: nobody can write a grant of another tenant."""

    template = "public.atom_tenant()"
    output_field = models.UUIDField()


class ObjectGrant(UserObjectPermissionAbstract):
    """A person holds a permission on one object. Row-level security shows a tenant its own rows alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant_id = models.UUIDField(db_default=CurrentTenant(), editable=False)
    granted_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(UserObjectPermissionAbstract.Meta):
        abstract = False
        unique_together: ClassVar = [["user", "permission", "object_pk"]]
        indexes: ClassVar = [
            models.Index(fields=["tenant_id", "content_type", "object_pk"], name="tenancy_grant_by_object"),
            models.Index(fields=["user", "content_type", "object_pk"], name="tenancy_grant_by_user"),
        ]


class RestrictedObject(models.Model):
    """An object that only those it is shared with may open (and admins)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant_id = models.UUIDField(db_default=CurrentTenant(), editable=False)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_pk = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["content_type", "object_pk"], name="tenancy_restricted_once")
        ]
