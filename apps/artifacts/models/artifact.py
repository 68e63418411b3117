"""An artifact and its versions. Versions are written once: the tenant's role may insert and read them, no more."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.artifacts.enums import ArtifactKind
from apps.core.models import BaseModel


class Artifact(BaseModel):
    """A logical thing (the exec dashboard of a source, the memo of a week); its content is in its versions."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in ArtifactKind])
    logical_key = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    latest_number = models.PositiveIntegerField(default=0)
    latest_sha256 = models.CharField(max_length=64, blank=True)
    datasource_id = models.UUIDField(null=True, blank=True, db_index=True)
    stale = models.BooleanField(default=False)
    stale_reason = models.CharField(max_length=300, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-updated_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "logical_key"], name="artifacts_one_per_key"),
            models.CheckConstraint(condition=Q(kind__in=sorted(ArtifactKind)), name="artifacts_kind_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["-updated_at", "-id"], name="artifacts_newest")]


class ArtifactVersion(BaseModel):
    """One immutable version; `content` hashes to `sha256`, `provenance` says how it came about and is not hashed."""

    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.JSONField()
    provenance = models.JSONField(default=dict)
    actor_id = models.UUIDField(null=True, blank=True)
    run_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["artifact_id", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["artifact", "number"], name="artifacts_version_number_once"),
        ]
