"""Flows of the tests. Steps write what they did into a folder, so that a test can count; loaded by real workers too."""

import os
import time
from pathlib import Path

from pydantic import BaseModel

from apps.core.errors import Upstream
from apps.workflows.enums import FailureCode
from apps.workflows.errors import StepFailure
from apps.workflows.registry import Flow, Step, StepContext, register_flow


class Work(BaseModel):
    """Where to write, and how to behave."""

    folder: str
    fail: str = ""  # "<step>:<code>:<times>"
    number: int = 0


class Done(BaseModel):
    """What each step returns: its name and everything before it."""

    trail: list[str]


def ran(folder: str | Path) -> list[str]:
    """Names of the steps that ended, in order, once per time they ran to their end."""
    path = Path(folder) / "ran.log"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def begun(folder: str | Path) -> list[str]:
    """Names of the steps that began, in order."""
    path = Path(folder) / "begun.log"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def _append(folder: str, name: str, line: str) -> None:
    descriptor = os.open(Path(folder) / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{line} {os.getpid()} {time.time()}\n".encode())
    os.close(descriptor)


def _fail_if_asked(ctx: StepContext, work: Work) -> None:
    if not work.fail:
        return
    step, code, times = work.fail.split(":")
    if step == ctx.step_name and begun(work.folder).count(step) <= int(times):
        if code == "BUG":
            raise ValueError("password=hunter2 was wrong")
        if code == "UPSTREAM":
            raise Upstream("The warehouse did not answer.")
        raise StepFailure(FailureCode(code), f"{step} failed with {code}.")


def _work(ctx: StepContext, work: Work, before: tuple[str, ...]) -> Done:
    _append(work.folder, "begun.log", ctx.step_name)
    _fail_if_asked(ctx, work)
    trail = [name for step in before for name in ctx.output_of(step, Done).trail]
    _append(work.folder, "ran.log", ctx.step_name)
    return Done(trail=[*trail, ctx.step_name])


def first(ctx: StepContext, work: Work) -> Done:
    return _work(ctx, work, ())


def second(ctx: StepContext, work: Work) -> Done:
    return _work(ctx, work, ("first",))


def third(ctx: StepContext, work: Work) -> Done:
    return _work(ctx, work, ("second",))


def gate(ctx: StepContext, work: Work) -> Done:
    """Waits until the test opens the gate, telling how long it has waited."""
    _append(work.folder, "begun.log", ctx.step_name)
    waited = 0
    while not (Path(work.folder) / "open").exists():
        waited += 1
        ctx.progress(min(0.9, waited / 1000), "Waiting for the gate", waited=waited)
        time.sleep(0.02)
    _append(work.folder, "ran.log", ctx.step_name)
    return Done(trail=[*ctx.output_of("first", Done).trail, ctx.step_name])


def last(ctx: StepContext, work: Work) -> Done:
    return _work(ctx, work, ("gate",))


def spoken(ctx: StepContext, work: Work) -> Done:
    """Says everything a step can say."""
    ctx.progress(0.5, "Half of it", tables=3)
    ctx.warn("Two of five tables could not be read.")
    ctx.link("Open the result", "autopilot/things/7")
    ctx.progress(1.0, "All of it", tables=5)
    return Done(trail=[ctx.step_name])


def slow(ctx: StepContext, work: Work) -> Done:
    """Takes for ever on the whole, and a moment on a sample."""
    _append(work.folder, "begun.log", ctx.step_name)
    if not ctx.sampling:
        time.sleep(60)
    return Done(trail=[ctx.step_name])


THREE = register_flow(
    Flow(
        "tests.three",
        Work,
        (Step("first", first), Step("second", second, after=("first",)), Step("third", third, after=("second",))),
        title="Three steps",
    )
)
GATED = register_flow(
    Flow(
        "tests.gated",
        Work,
        (Step("first", first), Step("gate", gate, after=("first",)), Step("last", last, after=("gate",))),
        title="A gate between",
    )
)
SLOW = register_flow(Flow("tests.slow", Work, (Step("slow", slow, timeout_s=1),), title="A slow step"))
OPTIONAL = register_flow(
    Flow(
        "tests.optional",
        Work,
        (Step("first", first, optional=True), Step("spoken", spoken, after=("first",))),
        title="An optional beginning",
    )
)
