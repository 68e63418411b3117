"""The chain and its side table. Rows come from the database function audit_append() alone; no role may change them."""

from typing import ClassVar

from django.db import models

from apps.core.ids import new_id


class Entry(models.Model):
    """One link of the chain: `hash` = SHA-256 over the previous hash and every other column (audit_digest())."""

    id = models.UUIDField(primary_key=True, default=new_id)
    version = models.SmallIntegerField()
    seq = models.BigIntegerField(unique=True)
    at = models.DateTimeField(db_index=True)
    actor_ref = models.UUIDField(null=True)
    address_ref = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=12)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=120, blank=True)
    decision = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=12)
    request_id = models.CharField(max_length=128, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    summary = models.JSONField(default=dict)
    prev_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        managed = True
        verbose_name_plural = "entries"
        indexes: ClassVar = [
            models.Index(fields=["action", "seq"], name="audit_by_action"),
            models.Index(fields=["object_type", "object_id", "seq"], name="audit_by_object"),
            models.Index(fields=["actor_ref", "seq"], name="audit_by_actor"),
            models.Index(
                fields=["address_ref", "seq"],
                name="audit_by_address",
                condition=models.Q(address_ref__isnull=False),
            ),
            models.Index(fields=["request_id"], name="audit_by_request", condition=~models.Q(request_id="")),
            models.Index(fields=["outcome", "seq"], name="audit_not_ok", condition=~models.Q(outcome="ok")),
        ]


class Person(models.Model):
    """Whom, or which address, a pseudonym of the chain stands for (audit_known() writes it).

    The pseudonym is a keyed hash of the row, so an edited row shows. Destroying the row leaves the chain whole and
    the person unknown. `kind`: actor, address, or legacy (from before pseudonyms were keyed).
    """

    ref = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True, db_index=True)
    label = models.CharField(max_length=254)
