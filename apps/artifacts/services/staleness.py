"""Marking artifacts stale when what they were made from goes away; a new version makes them fresh again."""

from uuid import UUID

from apps.artifacts.models import Artifact
from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor


def mark_datasource(actor: Actor, datasource_id: UUID, *, reason: str) -> int:
    """Mark every artifact made from a datasource; how many were fresh before."""
    with trail.unit_of_work():
        fresh = Artifact.objects.filter(datasource_id=datasource_id, stale=False)
        count = fresh.update(stale=True, stale_reason=reason[:300], stale_since=clock.now())
        if count:
            summary = {"artifacts": count, "reason": reason}
            trail.record(
                actor, "artifact.marked_stale", object_type="datasource", object_id=datasource_id, summary=summary
            )
    return count
