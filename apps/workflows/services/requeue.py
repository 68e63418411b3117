"""Sending the run of a dead letter on, once."""

from uuid import UUID

from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound
from apps.core.permissions import Scope
from apps.workflows.contracts import Run
from apps.workflows.enums import RecoverAction
from apps.workflows.models import DeadLetter
from apps.workflows.services import runs


def requeue_dead_letter(letter_id: UUID, *, actor: Actor) -> Run:
    """Send the run of a dead letter on from its failed step; once per letter."""
    actor.require(Scope.WORKFLOW_OPERATE)
    letter = DeadLetter.objects.filter(id=letter_id).first()
    if letter is None:
        raise NotFound("There is no such dead letter.")
    with trail.unit_of_work():
        taken = DeadLetter.objects.filter(id=letter_id, requeued_at=None)
        if not taken.update(requeued_at=clock.now(), requeued_by=actor.id):
            raise Conflict("This dead letter has been requeued already.")
        return runs.recover(letter.workflow_id, RecoverAction.RETRY, actor=actor)
