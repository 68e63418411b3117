"""Slots: at most N runs of a tenant work at a time. A slot is a lease on the run's row; waiting holds none."""

from datetime import timedelta

from django.db import connection

from apps.core import clock
from apps.workflows.engine.queue import MAX_RUNNING
from apps.workflows.enums import QueueReason, RunStatus
from apps.workflows.models import WorkflowRun
from apps.workflows.services import dispatch
from apps.workflows.services.transitions import LockedRun, move_run

SLOT_LEASE = timedelta(minutes=5)


def one_at_a_time() -> None:
    """Decisions on the slots of one tenant follow each other; released at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('atom.workflows.slots'), hashtext(current_schema()::text))"
        )


def count_held() -> int:
    """How many runs hold a slot that has not lapsed."""
    return WorkflowRun.objects.holding_slots(clock.now()).count()


def keep(run: LockedRun) -> bool:
    """Renew the slot of a running run; False when it lapsed and others have all slots now (it then waits again)."""
    now = clock.now()
    if run.slot_expires_at is None or run.slot_expires_at <= now:
        one_at_a_time()
        if WorkflowRun.objects.holding_slots(now).exclude(id=run.id).count() >= MAX_RUNNING:
            move_run(run, RunStatus.QUEUED, reason=QueueReason.CONCURRENCY_LIMIT, slot_expires_at=None)
            dispatch.schedule_look(run)
            return False
    run.slot_expires_at = now + SLOT_LEASE
    WorkflowRun.objects.filter(id=run.id).update(slot_expires_at=run.slot_expires_at)
    return True
