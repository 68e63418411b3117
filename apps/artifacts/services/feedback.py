"""Taking feedback: bound to the version it was given on, written once."""

from collections.abc import Sequence
from uuid import UUID

from apps.artifacts.enums import FeedbackKind, Polarity
from apps.artifacts.models import Feedback
from apps.artifacts.selectors import artifacts
from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.errors import InvalidInput
from apps.core.permissions import Scope


def give(
    actor: Actor,
    *,
    kind: FeedbackKind,
    polarity: Polarity,
    comment: str = "",
    artifact_id: UUID | None = None,
    version: int | None = None,
    anchor: str = "",
    prompt_hash: str = "",
    tool_hashes: Sequence[str] = (),
    query_hash: str = "",
) -> Feedback:
    """Store one opinion. Without `version` it is on the latest one; a query needs its hash, the others an artifact."""
    actor.require(Scope.FEEDBACK_WRITE)
    digest = ""
    if artifact_id is not None:
        found = artifacts.get_version_for(actor, artifact_id, version)
        if found.artifact.kind != kind:
            raise InvalidInput(f"That artifact is a {found.artifact.kind}, not a {kind}.")
        version, digest = found.number, found.sha256
        prompt_hash = prompt_hash or str(found.provenance.get("prompt_hash", ""))
        tool_hashes = tool_hashes or found.provenance.get("query_hashes", [])
    elif kind is not FeedbackKind.QUERY or not query_hash:
        raise InvalidInput("Name the artifact the feedback is about, or the hash of a query.")
    with trail.unit_of_work():
        row = Feedback.objects.create(
            kind=kind,
            polarity=polarity,
            comment=comment,
            artifact_id=artifact_id,
            version=version,
            version_sha256=digest,
            anchor=anchor,
            prompt_hash=prompt_hash,
            tool_hashes=list(tool_hashes)[:100],
            query_hash=query_hash,
            actor_id=actor.id,
        )
        summary = {"kind": kind, "polarity": polarity, "version": version, "anchor": anchor, "commented": bool(comment)}
        trail.record(
            actor,
            "feedback.given",
            object_type="artifact" if artifact_id else "query",
            object_id=artifact_id or query_hash,
            summary=summary,
            sha256=digest,
        )
    return row
