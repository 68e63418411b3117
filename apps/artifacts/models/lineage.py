"""Lineage: what was made from what, edge by edge, with the version that said so."""

from typing import ClassVar

from django.db import models

from apps.artifacts.enums import NodeKind
from apps.artifacts.models.artifact import ArtifactVersion
from apps.core.models import BaseModel

_KINDS = [(kind.value, kind.value) for kind in NodeKind]


class LineageEdge(BaseModel):
    """`target` is made from `source`."""

    version = models.ForeignKey(ArtifactVersion, on_delete=models.PROTECT, related_name="edges")
    source_kind = models.CharField(max_length=20, choices=_KINDS)
    source_ref = models.CharField(max_length=600)
    source_label = models.CharField(max_length=300, blank=True)
    target_kind = models.CharField(max_length=20, choices=_KINDS)
    target_ref = models.CharField(max_length=600)
    target_label = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["source_kind", "source_ref"], name="artifacts_edge_source"),
            models.Index(fields=["target_kind", "target_ref"], name="artifacts_edge_target"),
        ]
