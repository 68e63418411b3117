"""JSON of the workflow API: what goes in, what comes out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from apps.workflows.enums import RecoverAction, RunStatus, StepStatus
from apps.workflows.models import DeadLetter, StepResult, TimelineRow, WorkflowRun


class RunFilter(BaseModel):
    """Query of the list."""

    model_config = ConfigDict(extra="forbid")
    status: RunStatus | None = None
    flow: str = Field(default="", max_length=80)
    search: str = Field(default="", max_length=160)
    cursor: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class PageFilter(BaseModel):
    """Query of a list without filters of its own."""

    model_config = ConfigDict(extra="forbid")
    cursor: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class DeadLetterFilter(PageFilter):
    """Dead letters between two moments."""

    since: datetime | None = None
    until: datetime | None = None


class RetryBody(BaseModel):
    """Which run to send on, and whether on a sample."""

    model_config = ConfigDict(extra="forbid")
    workflow_id: UUID
    sampling: bool = False


class RecoverBody(BaseModel):
    """What to do with the failed step."""

    model_config = ConfigDict(extra="forbid")
    action: RecoverAction
    step: str = Field(default="", max_length=80)


class RunOut(BaseModel):
    """A run in a list."""

    workflow_id: UUID
    flow: str
    title: str
    status: RunStatus
    reason: str
    progress: float
    queue_position: int | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error_code: str
    warnings: list[str]
    input_hash: str
    actor_id: UUID | None


class StepOut(BaseModel):
    """A step of a run."""

    step_name: str
    title: str
    status: StepStatus
    progress: float
    message: str
    fields: dict[str, Any]
    output: Any
    output_hash: str
    started_at: datetime | None
    finished_at: datetime | None
    retry_count: int
    due_at: datetime | None
    sampling: bool
    error: dict[str, Any] | None
    warnings: list[str]
    links: list[dict[str, str]]


class TimelineOut(BaseModel):
    """One line of the timeline."""

    at: datetime
    kind: str
    step: str
    before: str
    after: str
    code: str
    message: str


class RunDetailOut(RunOut):
    """A run with everything on it; `message` is what the current step says."""

    input: dict[str, Any]
    message: str
    step: str
    error: dict[str, Any] | None
    steps: list[StepOut]
    timeline: list[TimelineOut]


class RunPageOut(BaseModel):
    """A page of runs."""

    items: list[RunOut]
    next: str | None


class QueueOut(BaseModel):
    """Who runs, who waits."""

    limit: int
    running: list[RunOut]
    waiting: list[RunOut]


def run_json(run: WorkflowRun, place: int | None) -> dict[str, Any]:
    """A run as in a list."""
    return {
        "workflow_id": run.id,
        "flow": run.flow,
        "title": run.title,
        "status": run.status,
        "reason": run.reason,
        "progress": run.progress,
        "queue_position": place,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "error_code": run.error_code,
        "warnings": run.warnings,
        "input_hash": run.input_hash,
        "actor_id": run.actor_id,
    }


def detail_json(
    run: WorkflowRun, place: int | None, steps: list[StepResult], timeline: list[TimelineRow]
) -> dict[str, Any]:
    """A run whole."""
    current = next((step for step in steps if step.status in {StepStatus.RUNNING, StepStatus.READY}), None)
    return run_json(run, place) | {
        "input": run.input,
        "step": current.step_name if current else "",
        "message": current.progress_message if current else "",
        "error": run.error,
        "steps": [step_json(step) for step in steps],
        "timeline": [timeline_json(row) for row in timeline],
    }


def step_json(step: StepResult) -> dict[str, Any]:
    """A step."""
    return {
        "step_name": step.step_name,
        "title": step.title,
        "status": step.status,
        "progress": step.progress,
        "message": step.progress_message,
        "fields": step.progress_fields,
        "output": step.output,
        "output_hash": step.output_hash,
        "started_at": step.started_at,
        "finished_at": step.finished_at,
        "retry_count": step.retry_count,
        "due_at": step.due_at,
        "sampling": step.sampling,
        "error": step.error,
        "warnings": step.warnings,
        "links": step.links,
    }


def timeline_json(row: TimelineRow) -> dict[str, Any]:
    """A line of the timeline."""
    return {
        "at": row.created_at,
        "kind": row.kind,
        "step": row.step_name,
        "before": row.before,
        "after": row.after,
        "code": row.code,
        "message": row.message,
    }


def dead_letter_json(letter: DeadLetter) -> dict[str, Any]:
    """A dead letter."""
    return {
        "id": letter.id,
        "workflow_id": letter.workflow_id,
        "flow": letter.flow,
        "failure_class": letter.failure_class,
        "error_code": letter.error_code,
        "input_hash": letter.input_hash,
        "steps": letter.steps,
        "history": letter.history,
        "created_at": letter.created_at,
        "requeued_at": letter.requeued_at,
    }
