"""Storing versions: content-addressed, numbered without gaps, never changed afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.artifacts.contracts import Edge, StoredVersion
from apps.artifacts.engine import canonical
from apps.artifacts.enums import ArtifactKind
from apps.artifacts.models import Artifact, ArtifactVersion, LineageEdge
from apps.audit.services import outbox, trail
from apps.core import clock
from apps.core.actor import Actor


def store(
    kind: ArtifactKind,
    logical_key: str,
    *,
    title: str,
    content: Mapping[str, Any],
    lineage: Sequence[Edge],
    actor: Actor,
    datasource_id: UUID | None = None,
    provenance: Mapping[str, Any] | None = None,
    run_id: UUID | None = None,
    started_at: datetime | None = None,
) -> StoredVersion:
    """Add a version unless `content` equals the latest one (then that one comes back, and the artifact is fresh again).

    1. The artifact's row is made when missing, and locked: whoever comes second waits and numbers after.
    2. Equal content by SHA-256 of its canonical JSON adds nothing.
    3. Version, edges, the event and the audit entry are written in the same transaction as the caller's.
    """
    digest = canonical.digest(content)
    with trail.unit_of_work():
        artifact = _locked(kind, logical_key, title, datasource_id)
        is_new = artifact.latest_sha256 != digest
        if is_new:
            artifact.latest_number += 1
            artifact.latest_sha256 = digest
            version = ArtifactVersion.objects.create(
                artifact=artifact,
                number=artifact.latest_number,
                sha256=digest,
                content=dict(content),
                provenance=dict(provenance or {}),
                actor_id=actor.id,
                run_id=run_id,
            )
            LineageEdge.objects.bulk_create([_edge(version, edge) for edge in dict.fromkeys(lineage)])
        else:
            version = artifact.versions.get(number=artifact.latest_number)
        _freshen(artifact, title)
        if is_new:
            _tell(artifact, version, actor, run_id, started_at)
    return StoredVersion(artifact.id, version.number, digest, version.created_at, is_new, version.content)


def _locked(kind: ArtifactKind, logical_key: str, title: str, datasource_id: UUID | None) -> Artifact:
    Artifact.objects.bulk_create(
        [Artifact(kind=kind, logical_key=logical_key, title=title[:300], datasource_id=datasource_id)],
        ignore_conflicts=True,
    )
    return Artifact.objects.select_for_update().get(kind=kind, logical_key=logical_key)


def _freshen(artifact: Artifact, title: str) -> None:
    artifact.title = title[:300]
    artifact.stale, artifact.stale_reason, artifact.stale_since = False, "", None
    artifact.save()


def _edge(version: ArtifactVersion, edge: Edge) -> LineageEdge:
    return LineageEdge(
        version=version,
        source_kind=edge.source.kind,
        source_ref=edge.source.ref[:600],
        source_label=edge.source.label[:300],
        target_kind=edge.target.kind,
        target_ref=edge.target.ref[:600],
        target_label=edge.target.label[:300],
    )


def _tell(
    artifact: Artifact, version: ArtifactVersion, actor: Actor, run_id: UUID | None, started_at: datetime | None
) -> None:
    finished = clock.now()
    outbox.announce(
        "artifact_generated",
        {
            "org_id": str(actor.tenant.id) if actor.tenant else "",
            "session_id": actor.request_id,
            "workflow_id": str(run_id) if run_id else None,
            "step_id": "store",
            "status": "success",
            "error_code": None,
            "started_at": (started_at or finished).isoformat(),
            "finished_at": finished.isoformat(),
            "artifact_id": str(artifact.id),
            "kind": artifact.kind,
            "version": version.number,
            "sha256": version.sha256,
        },
    )
    summary = {"kind": artifact.kind, "title": artifact.title, "version": version.number}
    trail.record(
        actor,
        "artifact.version_stored",
        object_type="artifact",
        object_id=artifact.id,
        summary=summary,
        sha256=version.sha256,
    )
