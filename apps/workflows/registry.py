"""Flows as their owners declare them: named steps with dependencies. Frozen at first use.

An app declares its flows in `apps/<app>/flows.py`, which is read at first use; adding a flow touches that module only.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from django.utils.module_loading import autodiscover_modules, import_string
from pydantic import BaseModel

from apps.workflows.contracts import StepContext
from apps.workflows.engine.plan import Plan, PlannedStep
from apps.workflows.errors import UnknownFlowError

__all__ = ["Flow", "Step", "StepContext", "StepFunction", "get_flow", "known_flows", "list_flows", "register_flow"]

StepFunction: TypeAlias = Callable[[StepContext, Any], BaseModel]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `run(ctx, flow_input) -> output model`; `run` may be a dotted path, imported when first needed.

    `after` names the steps whose success it needs; an `optional` step may fail or be skipped without ending the run.
    """

    name: str
    run: StepFunction | str
    after: tuple[str, ...] = ()
    title: str = ""
    optional: bool = False
    timeout_s: int = 600
    max_retries: int = 3

    def function(self) -> StepFunction:
        return _imported(self.run) if isinstance(self.run, str) else self.run

    def planned(self) -> PlannedStep:
        return PlannedStep(
            name=self.name,
            title=self.title or self.name.replace("_", " ").capitalize(),
            after=self.after,
            optional=self.optional,
            timeout_s=self.timeout_s,
            max_retries=self.max_retries,
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """A named list of steps over one typed input."""

    name: str
    input: type[BaseModel]
    steps: tuple[Step, ...]
    title: str = ""
    description: str = ""
    plan: Plan = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "plan", Plan.of(step.planned() for step in self.steps))

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)


class _Flows:
    """The known flows; closed once somebody has asked for one."""

    def __init__(self) -> None:
        self.by_name: dict[str, Flow] = {}
        self.frozen = False

    def load(self) -> None:
        if not self.frozen:
            autodiscover_modules("flows")
            self.frozen = True


_flows = _Flows()


def register_flow(flow: Flow) -> Flow:
    """Make a flow known. Refused after the first use, and for a name that is taken by another flow."""
    known = _flows.by_name.get(flow.name)
    if known is flow:
        return flow
    if _flows.frozen:
        raise RuntimeError(f"flow {flow.name!r} registered after start; declare it in the app's flows.py")
    if known is not None:
        raise RuntimeError(f"flow {flow.name!r} is declared twice")
    _flows.by_name[flow.name] = flow
    return flow


def get_flow(name: str) -> Flow:
    """The flow of this name; raises UnknownFlowError."""
    _flows.load()
    try:
        return _flows.by_name[name]
    except KeyError:
        raise UnknownFlowError(name) from None


def known_flows() -> Mapping[str, Flow]:
    """All flows by name."""
    _flows.load()
    return _flows.by_name


def list_flows() -> tuple[Flow, ...]:
    """All flows, by name."""
    _flows.load()
    return tuple(sorted(_flows.by_name.values(), key=lambda flow: flow.name))


def output_model_of(function: StepFunction) -> type[BaseModel]:
    """The pydantic class a step promises by its return annotation."""
    annotation = typing.get_type_hints(inspect.unwrap(function)).get("return")
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        raise TypeError(f"step {function!r} must be annotated to return a pydantic model")
    return annotation


@lru_cache(maxsize=256)
def _imported(path: str) -> StepFunction:
    function: StepFunction = import_string(path)
    return function
