"""Questions about runs: one run for its reader, lists, the queue with places, what is running now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.workflows.engine import queue
from apps.workflows.engine.queue import MAX_RUNNING
from apps.workflows.enums import RunStatus
from apps.workflows.errors import RunNotFoundError
from apps.workflows.models import DeadLetter, StepResult, TimelineRow, WorkflowRun


@dataclass(frozen=True, slots=True)
class QueueView:
    """Who runs, who waits and in which order."""

    running: list[WorkflowRun]
    waiting: list[tuple[int, WorkflowRun]]
    limit: int


def get_run_for(actor: Actor, run_id: UUID) -> WorkflowRun:
    """A run the actor may read; raises RunNotFoundError."""
    actor.require(Scope.WORKFLOW_READ)
    run = WorkflowRun.objects.filter(id=run_id).first()
    if run is None:
        raise RunNotFoundError
    return run


def list_runs(actor: Actor, *, status: str = "", flow: str = "", search: str = "") -> "QuerySet[WorkflowRun]":
    """Runs, newest first; `search` looks in the title."""
    actor.require(Scope.WORKFLOW_READ)
    rows = WorkflowRun.objects.all()
    if status:
        rows = rows.filter(status=status)
    if flow:
        rows = rows.filter(flow=flow)
    if search:
        rows = rows.filter(title__icontains=search)
    return rows


def steps_of(run: WorkflowRun) -> list[StepResult]:
    """The steps of a run in plan order."""
    return list(StepResult.objects.filter(run_id=run.id).order_by("position"))


def timeline_of(run: WorkflowRun, *, limit: int = 500) -> list[TimelineRow]:
    """What happened, oldest first."""
    return list(TimelineRow.objects.filter(run_id=run.id)[:limit])


def places() -> dict[UUID, int]:
    """Places of the waiting runs."""
    return queue.positions(WorkflowRun.objects.waiting().values_list("id", "queued_at"))


def place_of(run: WorkflowRun) -> int | None:
    """The run's place in the queue, if it waits."""
    return places().get(run.id) if run.state is RunStatus.QUEUED else None


def read_queue(actor: Actor) -> QueueView:
    """The tenant's queue."""
    actor.require(Scope.WORKFLOW_READ)
    running = list(WorkflowRun.objects.holding_slots(clock.now()).order_by("started_at"))
    waiting = list(enumerate(WorkflowRun.objects.waiting()[:200], start=1))
    return QueueView(running=running, waiting=waiting, limit=MAX_RUNNING)


def list_unfinished(actor: Actor, *, limit: int = 10) -> list[WorkflowRun]:
    """What is running or waiting, longest first."""
    actor.require(Scope.WORKFLOW_READ)
    return list(WorkflowRun.objects.unfinished().order_by("queued_at", "id")[:limit])


def current_steps(runs: Sequence[WorkflowRun]) -> dict[UUID, StepResult]:
    """Of each run the step it is at."""
    rows = StepResult.objects.filter(run_id__in=[run.id for run in runs], status__in=("running", "ready"))
    return {row.run_id: row for row in rows.order_by("-position")}


def list_dead_letters(
    actor: Actor, *, since: datetime | None = None, until: datetime | None = None
) -> "QuerySet[DeadLetter]":
    """Dead letters, newest first."""
    actor.require(Scope.WORKFLOW_READ)
    rows = DeadLetter.objects.all()
    if since:
        rows = rows.filter(created_at__gte=since)
    if until:
        rows = rows.filter(created_at__lt=until)
    return rows
