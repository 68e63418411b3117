"""How long things are kept: each tenant's own rule, and the chains of tenants that are gone."""

from django.db import models

from apps.core.ids import new_id


class Retention(models.Model):
    """A rule of this tenant (or the platform); the newest row holds, earlier ones stay as they were."""

    id = models.UUIDField(primary_key=True, default=new_id)
    keep_days = models.IntegerField()
    legal_hold = models.BooleanField()


class RetainedChain(models.Model):
    """The chain of a purged tenant: its signed head, which stays, and until when its entries do.

    In `public` alone, written by the owner; the entries are a partition of `audit_retained`.
    """

    tenant_id = models.UUIDField(primary_key=True)
    moved_at = models.DateTimeField()
    keep_until = models.DateTimeField()
    legal_hold = models.BooleanField()
    entries = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    last_hash = models.BinaryField()
    algorithm = models.CharField(max_length=40)
    signature = models.TextField()
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "audit_retained_chain"
