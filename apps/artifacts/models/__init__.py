"""Models of the artifacts app; all in the tenant's schema."""

from apps.artifacts.models.artifact import Artifact, ArtifactVersion
from apps.artifacts.models.feedback import Feedback
from apps.artifacts.models.lineage import LineageEdge

__all__ = ["Artifact", "ArtifactVersion", "Feedback", "LineageEdge"]
