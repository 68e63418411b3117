"""A dashboard as it stands now, and its cards. What it was before is in the versions of its artifact."""

from typing import ClassVar

from django.db import models

from apps.core.models import BaseModel
from apps.dashboards.engine.layout import GRID_UNITS
from apps.dashboards.enums import CardKind


class Dashboard(BaseModel):
    """One logical dashboard for each datasource and template; `tables` are the confirmed facts its cards build on."""

    datasource_id = models.UUIDField(db_index=True)
    template = models.CharField(max_length=60)
    template_version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    tables = models.JSONField()
    catalog_hash = models.CharField(max_length=64)
    omitted = models.JSONField(default=list)
    latest_day = models.DateField(null=True, blank=True)
    artifact_id = models.UUIDField()
    version = models.PositiveIntegerField()
    run_id = models.UUIDField(null=True, blank=True)
    generated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-generated_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["datasource_id", "template"], name="dashboards_one_per_template"),
        ]
        indexes: ClassVar = [models.Index(fields=["-generated_at", "-id"], name="dashboards_newest")]


class DashboardCard(BaseModel):
    """One card in its place; `spec` is an `engine.spec.CardSpec`."""

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="cards")
    key = models.CharField(max_length=400)
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in CardKind])
    x = models.PositiveSmallIntegerField()
    y = models.PositiveIntegerField()
    w = models.PositiveSmallIntegerField()
    h = models.PositiveSmallIntegerField()
    spec = models.JSONField()
    query_hash = models.CharField(max_length=64, blank=True)
    estimated_bytes = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dashboard", "key"], name="dashboards_card_key_once"),
            models.CheckConstraint(
                condition=models.Q(x__lte=GRID_UNITS - models.F("w")), name="dashboards_card_in_grid"
            ),
        ]
