"""Artifacts in the tenant's admin: to look at, since nothing of it is ever changed."""

from apps.artifacts.models import Artifact, ArtifactVersion, Feedback, LineageEdge
from apps.audit.admin import register_read_only

register_read_only(
    Artifact, *("updated_at", "kind", "title", "latest_number", "stale"), search=("title", "logical_key")
)
register_read_only(ArtifactVersion, *("created_at", "artifact_id", "number", "sha256", "run_id"), search=("sha256",))
register_read_only(
    LineageEdge, *("source_kind", "source_label", "target_kind", "target_label"), search=("source_ref", "target_ref")
)
register_read_only(Feedback, *("created_at", "kind", "polarity", "version", "anchor"), search=("comment", "query_hash"))
