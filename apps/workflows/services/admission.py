"""Giving free slots to the runs that have waited longest, and moving a run on so that a freed slot is used."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.workflows.engine import queue
from apps.workflows.enums import FailureCode, QueueReason, RunStatus
from apps.workflows.models import WorkflowRun
from apps.workflows.services import advance, announce, slots
from apps.workflows.services.transitions import LockedRun, lock_run, move_run


def move_on(run: LockedRun) -> None:
    """Advance a run; when that ends it, its slot goes to the next after commit."""
    advance.advance(run)
    if run.is_finished:
        admit_after_commit()


def fail(run: LockedRun, code: FailureCode, message: str) -> None:
    """End a run for a reason that lies in no step, and pass its slot on."""
    advance.fail_run(run, code, message)
    admit_after_commit()


def admit_after_commit() -> None:
    """Admit in a transaction of its own, because it locks other runs; a death in between is made good by wake-ups."""
    tenant = tenant_context.require()

    def admit() -> None:
        with tenant_context.entered(tenant):
            admit_waiting()

    transaction.on_commit(admit)


def admit_waiting() -> tuple[UUID, ...]:
    """Start as many waiting runs as slots are free; tell the others their place."""
    with transaction.atomic():
        slots.one_at_a_time()
        waiting = list(WorkflowRun.objects.waiting().values_list("id", "queued_at"))
        if not waiting:
            return ()
        admitted = queue.admissible(waiting, running=slots.count_held(), limit=queue.MAX_RUNNING)
        # All rows are locked before the first event is announced: cancelling locks run, then outbox, and so do we.
        for run in [lock_run(run_id) for run_id in admitted]:
            _admit(run)
        _tell_places({run_id for run_id, _ in waiting} - set(admitted))
    return admitted


def _admit(run: LockedRun) -> None:
    if run.state is not RunStatus.QUEUED:
        return
    now = clock.now()
    move_run(
        run, RunStatus.RUNNING, reason="", started_at=run.started_at or now, slot_expires_at=now + slots.SLOT_LEASE
    )
    advance.send_ready(run)
    advance.advance(run)


def _tell_places(waiting: Collection[UUID]) -> None:
    WorkflowRun.objects.filter(id__in=waiting, reason="").update(reason=QueueReason.CONCURRENCY_LIMIT)
    for place, run in enumerate(WorkflowRun.objects.waiting().filter(id__in=waiting), start=1):
        announce.send(run, {"type": "queue", "position": place, "reason": run.reason})
