"""The registry of datasources: versioned configuration, state, sealed secrets, and what happened."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from apps.core.models import BaseModel
from apps.datasources.enums import ApprovalState, DatasourceStatus, DatasourceType, EventKind, VersionState


class DatasourceQuerySet(models.QuerySet["Datasource"]):
    """Named filters."""

    def standing(self) -> "DatasourceQuerySet":
        """All that are not archived."""
        return self.exclude(status=DatasourceStatus.ARCHIVED)

    def matching(self, text: str) -> "DatasourceQuerySet":
        """Those whose name, description or tag holds `text`."""
        found = Q(name__icontains=text) | Q(description__icontains=text) | Q(tags__contains=[text])
        return self.filter(found)


class Datasource(BaseModel):
    """A place data comes from or is asked in. Its configuration lives in versions, never here."""

    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, default="")
    type = models.CharField(max_length=32, choices=[(kind.value, kind.value) for kind in DatasourceType])
    status = models.CharField(
        max_length=16,
        default=DatasourceStatus.DRAFT,
        choices=[(status.value, status.value) for status in DatasourceStatus],
    )
    owner_id = models.UUIDField(null=True, blank=True)
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    project = models.CharField(max_length=120, blank=True, default="")

    objects = DatasourceQuerySet.as_manager()

    class Meta:
        db_table = "datasources"
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(Lower("name"), condition=~Q(status="archived"), name="datasource_name_once")
        ]
        indexes = [
            models.Index(fields=["status"], name="datasource_status"),
            models.Index(fields=["owner_id"], name="datasource_owner"),
            models.Index(fields=["type"], name="datasource_type"),
            GinIndex(fields=["tags"], name="datasource_tags"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_runnable(self) -> bool:
        """Whether statements may be sent to it."""
        return self.status == DatasourceStatus.ACTIVE


class DatasourceVersion(BaseModel):
    """One configuration of a datasource; published ones never change."""

    datasource = models.ForeignKey(Datasource, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    config = models.JSONField(default=dict)
    state = models.CharField(
        max_length=16, default=VersionState.DRAFT, choices=[(state.value, state.value) for state in VersionState]
    )
    comment = models.TextField(blank=True, default="")
    approval = models.CharField(
        max_length=16, default=ApprovalState.NONE, choices=[(state.value, state.value) for state in ApprovalState]
    )
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "datasource_versions"
        ordering = ("-number",)
        constraints = [models.UniqueConstraint(fields=["datasource", "number"], name="datasource_version_once")]

    def __str__(self) -> str:
        return f"v{self.number}"


class DatasourceState(BaseModel):
    """What a datasource does right now; one row each, changed by workers and tests."""

    datasource = models.OneToOneField(Datasource, on_delete=models.CASCADE, related_name="state")
    current_version = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=16, default="unknown")
    last_heartbeat = models.DateTimeField(null=True, blank=True)
    last_event = models.CharField(max_length=32, blank=True, default="")
    error_code = models.CharField(max_length=64, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    metrics = models.JSONField(default=dict)

    class Meta:
        db_table = "datasource_state"

    def __str__(self) -> str:
        return self.status


class DatasourceSecret(BaseModel):
    """A sealed value; only the secrets manager writes and reads it."""

    datasource = models.ForeignKey(Datasource, on_delete=models.CASCADE, related_name="secrets")
    key = models.CharField(max_length=64)
    encrypted_value = models.BinaryField()
    version = models.PositiveIntegerField(default=1)
    created_by = models.UUIDField(null=True, blank=True)
    rotated_by = models.UUIDField(null=True, blank=True)
    rotated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "datasource_secrets"
        constraints = [models.UniqueConstraint(fields=["datasource", "key"], name="datasource_secret_once")]

    def __str__(self) -> str:
        return self.key


class DatasourceEvent(BaseModel):
    """One thing that happened to a datasource; never changed."""

    datasource = models.ForeignKey(Datasource, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in EventKind])
    message = models.TextField(blank=True, default="")
    detail = models.JSONField(default=dict)
    actor_id = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "datasource_events"
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=["datasource", "-created_at"], name="datasource_event_time")]

    def __str__(self) -> str:
        return self.kind
