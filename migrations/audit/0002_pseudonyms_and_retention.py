"""Keyed pseudonyms for people and addresses, days of retention, and the place where chains of former tenants are kept."""

import apps.core.ids
from django.db import migrations, models

from migrations.audit import _chain_1, _chain_2


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("entry", "version", models.SmallIntegerField(default=1), preserve_default=False),
        migrations.AddField("entry", "address_ref", models.UUIDField(null=True)),
        migrations.AlterField("entry", "request_id", models.CharField(blank=True, max_length=128)),
        migrations.AddIndex("entry", models.Index(fields=["address_ref", "seq"], name="audit_by_address", condition=models.Q(address_ref__isnull=False))),
        migrations.AddIndex("entry", models.Index(fields=["request_id"], name="audit_by_request", condition=~models.Q(request_id=""))),
        migrations.AddIndex("entry", models.Index(fields=["outcome", "seq"], name="audit_not_ok", condition=~models.Q(outcome="ok"))),
        migrations.AddField("person", "kind", models.CharField(default="legacy", max_length=8), preserve_default=False),
        migrations.AlterField("person", "actor_id", models.UUIDField(db_index=True, null=True)),
        migrations.CreateModel(
            name="Retention",
            fields=[
                ("id", models.UUIDField(default=apps.core.ids.new_id, primary_key=True, serialize=False)),
                ("keep_days", models.IntegerField()),
                ("legal_hold", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="RetainedChain",
            fields=[
                ("tenant_id", models.UUIDField(primary_key=True, serialize=False)),
                ("moved_at", models.DateTimeField()),
                ("keep_until", models.DateTimeField()),
                ("legal_hold", models.BooleanField()),
                ("entries", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField()),
                ("last_hash", models.BinaryField()),
                ("algorithm", models.CharField(max_length=40)),
                ("signature", models.TextField()),
                ("dropped_at", models.DateTimeField(null=True)),
            ],
            options={"managed": False, "db_table": "audit_retained_chain"},
        ),
        migrations.RunSQL(_chain_2.CREATE, _chain_2.DROP + _chain_1.DROP + _chain_1.CREATE),
        migrations.RunSQL(_chain_2.CREATE_RETAINED, _chain_2.DROP_RETAINED),
    ]
