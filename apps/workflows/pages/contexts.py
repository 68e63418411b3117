"""What the workflow pages show, as typed values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import get_script_prefix

from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.workflows.engine.timeline import Bar, Span, bars
from apps.workflows.enums import RecoverAction, RunStatus
from apps.workflows.models import StepResult, TimelineRow, WorkflowRun
from apps.workflows.registry import known_flows
from apps.workflows.selectors import runs as reads
from apps.workflows.services.announce import topic_of


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in a list."""

    run: WorkflowRun
    place: int | None
    message: str
    topic: str
    seconds: float | None
    flow_title: str

    @property
    def milliseconds(self) -> float | None:
        """How long it ran, or has been running."""
        return None if self.seconds is None else self.seconds * 1000


@dataclass(frozen=True, slots=True)
class ListContext:
    """The list of runs."""

    lines: list[RunLine]
    next_cursor: str | None
    statuses: tuple[str, ...]
    chosen: dict[str, str]
    running: int
    waiting: int
    limit: int
    topics: list[str]
    is_filtered: bool
    is_live: bool


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step on the run's page, with its bar in the chart."""

    step: StepResult
    bar: Bar
    y: int
    links: list[dict[str, str]]
    after: tuple[str, ...]
    attempts: int
    shown_state: str
    can_wait_until: datetime | None


@dataclass(frozen=True, slots=True)
class RecoverChoice:
    """A way on that the person may choose."""

    action: RecoverAction
    label: str


@dataclass(frozen=True, slots=True)
class RunContext:
    """The page of one run."""

    run: WorkflowRun
    place: int | None
    steps: list[StepLine]
    timeline: list[TimelineRow]
    links: list[dict[str, str]]
    message: str
    current: str
    topic: str
    topics: list[str]
    chart_height: int
    can_operate: bool
    choices: list[RecoverChoice]
    error: dict[str, Any] | None
    seconds: float | None
    flow_title: str


ROW = 34
_LABELS = {
    RecoverAction.RETRY: "Retry",
    RecoverAction.RETRY_WITH_SAMPLING: "Retry on a sample",
    RecoverAction.SKIP_AND_CONTINUE: "Skip this step and continue",
}


def lines_of(runs: list[WorkflowRun]) -> list[RunLine]:
    """Runs with their place, their current words and how long they took."""
    places, steps = reads.places(), reads.current_steps(runs)
    return [
        RunLine(
            run=run,
            place=places.get(run.id),
            message=steps[run.id].progress_message or steps[run.id].title if run.id in steps else "",
            topic=topic_of(run.id),
            seconds=_seconds(run),
            flow_title=_flow_title(run),
        )
        for run in runs
    ]


def run_context(actor: Actor, run: WorkflowRun) -> RunContext:
    """Everything on the page of a run."""
    steps = reads.steps_of(run)
    drawn = bars([Span(s.step_name, s.started_at, _end_of(s)) for s in steps], now=clock.now())
    plan = run.frozen_plan
    lines = [
        StepLine(
            step=step,
            bar=bar,
            y=number * ROW,
            links=_absolute(step.links),
            after=plan.get(step.step_name).after,
            attempts=step.retry_count + 1,
            shown_state="not_run" if run.is_finished and step.status in {"pending", "ready"} else step.status,
            can_wait_until=step.due_at,
        )
        for number, (step, bar) in enumerate(zip(steps, drawn, strict=True))
    ]
    current = next((step for step in steps if step.status == "running"), None)
    may = actor.has(Scope.WORKFLOW_OPERATE)
    return RunContext(
        run=run,
        place=reads.place_of(run),
        steps=lines,
        timeline=reads.timeline_of(run),
        links=[link for line in lines for link in line.links],
        message=current.progress_message if current else "",
        current=current.title if current else "",
        topic=topic_of(run.id),
        topics=[] if run.is_finished else [topic_of(run.id)],
        chart_height=ROW * max(1, len(lines)),
        can_operate=may,
        choices=_choices(run) if may else [],
        error=run.error,
        seconds=_seconds(run),
        flow_title=_flow_title(run),
    )


def _choices(run: WorkflowRun) -> list[RecoverChoice]:
    if not run.can_recover or not run.error:
        return []
    actions = [RecoverAction(action) for action in run.error.get("actions", [])]
    return [RecoverChoice(action, _LABELS[action]) for action in actions]


def _absolute(links: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"label": link["label"], "href": get_script_prefix() + link["path"]} for link in links]


def _flow_title(run: WorkflowRun) -> str:
    """What the flow is called today; its bare name when this version no longer has it."""
    flow = known_flows().get(run.flow)
    return flow.title if flow and flow.title else run.flow


def _end_of(step: StepResult) -> datetime | None:
    return None if step.status == "running" else step.finished_at


def _seconds(run: WorkflowRun) -> float | None:
    if run.started_at is None:
        return None
    end = run.finished_at or (clock.now() if run.state is not RunStatus.QUEUED else run.started_at)
    return max(0.0, (end - run.started_at).total_seconds())
