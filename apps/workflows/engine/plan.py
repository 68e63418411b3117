"""The graph of a run: steps with dependencies, frozen when the run starts.

Answers what may run next, what a failure blocks, and what the run has become. Never reads the registry:
an edited flow cannot change a run under way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self, TypeAlias

from apps.workflows.engine.states import OPEN_STEPS, SETTLED_STEPS
from apps.workflows.enums import RunStatus, StepStatus

Statuses: TypeAlias = Mapping[str, StepStatus]


class PlanError(ValueError):
    """The declared steps do not form a plan: a name twice, a dependency unknown, or a circle."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    name: str
    title: str
    after: tuple[str, ...] = ()
    optional: bool = False
    timeout_s: int = 600
    max_retries: int = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order in which each comes after what it depends on."""

    steps: tuple[PlannedStep, ...]

    @classmethod
    def of(cls, steps: Iterable[PlannedStep]) -> Self:
        return cls(steps=_ordered(tuple(steps)))

    @classmethod
    def from_json(cls, rows: Iterable[Mapping[str, object]]) -> Self:
        return cls.of(_step_from_json(row) for row in rows)

    def to_json(self) -> list[dict[str, object]]:
        return [
            {
                "name": step.name,
                "title": step.title,
                "after": list(step.after),
                "optional": step.optional,
                "timeout_s": step.timeout_s,
                "max_retries": step.max_retries,
            }
            for step in self.steps
        ]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(step.name for step in self.steps)

    def get(self, name: str) -> PlannedStep:
        for step in self.steps:
            if step.name == name:
                return step
        raise PlanError(f"the plan has no step {name!r}")

    def released_by(self, statuses: Statuses) -> tuple[str, ...]:
        """Pending steps whose dependencies are all done; they may become ready."""
        return tuple(
            step.name
            for step in self.steps
            if statuses[step.name] is StepStatus.PENDING and self._dependencies_done(step, statuses)
        )

    def blocked_by_failure(self, statuses: Statuses) -> tuple[str, ...]:
        """Pending steps that can never run because something before them failed for good."""
        blocked: set[str] = set()
        for step in self.steps:
            broken = any(name in blocked or self._is_broken(name, statuses) for name in step.after)
            if broken and statuses[step.name] is StepStatus.PENDING:
                blocked.add(step.name)
        return tuple(name for name in self.names if name in blocked)

    def may_skip(self, name: str) -> bool:
        """A step may be skipped only when it was declared optional."""
        return self.get(name).optional

    def dependants_of(self, name: str) -> tuple[str, ...]:
        """All steps that come after this one, directly or not."""
        reached = {name}
        for step in self.steps:
            if reached & set(step.after):
                reached.add(step.name)
        return tuple(step for step in self.names if step in reached - {name})

    def outcome(self, statuses: Statuses) -> RunStatus | None:
        """What the run has become, or None while something can still move.

        1. any open step that is not blocked keeps the run open
        2. a failed step that is not optional makes it partial_failure, or failed when nothing succeeded
        3. otherwise it succeeded
        """
        blocked = set(self.blocked_by_failure(statuses))
        if any(statuses[name] in OPEN_STEPS and name not in blocked for name in self.names):
            return None
        if not any(self._is_broken(name, statuses) for name in self.names):
            return RunStatus.SUCCEEDED
        succeeded = any(statuses[name] is StepStatus.SUCCESS for name in self.names)
        return RunStatus.PARTIAL_FAILURE if succeeded else RunStatus.FAILED

    def progress(self, fractions: Mapping[str, float], statuses: Statuses) -> float:
        """Share of the run that is done, 0 to 1; each step weighs the same."""
        if not self.steps:
            return 1.0
        done = sum(1.0 if statuses[n] in SETTLED_STEPS else min(1.0, fractions.get(n, 0.0)) for n in self.names)
        return round(done / len(self.steps), 4)

    def _dependencies_done(self, step: PlannedStep, statuses: Statuses) -> bool:
        return all(
            statuses[name] in {StepStatus.SUCCESS, StepStatus.SKIPPED}
            or (statuses[name] is StepStatus.FAILED and self.get(name).optional)
            for name in step.after
        )

    def _is_broken(self, name: str, statuses: Statuses) -> bool:
        return statuses[name] is StepStatus.FAILED and not self.get(name).optional


def _step_from_json(row: Mapping[str, object]) -> PlannedStep:
    after = row.get("after", ())
    if not isinstance(after, list | tuple):
        raise PlanError("a step's dependencies are a list of names")
    return PlannedStep(
        name=str(row["name"]),
        title=str(row.get("title") or row["name"]),
        after=tuple(str(name) for name in after),
        optional=bool(row.get("optional", False)),
        timeout_s=int(str(row.get("timeout_s", 600))),
        max_retries=int(str(row.get("max_retries", 3))),
    )


def _ordered(steps: tuple[PlannedStep, ...]) -> tuple[PlannedStep, ...]:
    """Declared order, moved only where a dependency stands later (Kahn)."""
    by_name = {step.name: step for step in steps}
    if len(by_name) != len(steps):
        raise PlanError("two steps have the same name")
    for step in steps:
        unknown = [name for name in step.after if name not in by_name]
        if unknown:
            raise PlanError(f"step {step.name!r} comes after {unknown[0]!r}, which does not exist")
    ordered: list[PlannedStep] = []
    waiting = list(steps)
    placed: set[str] = set()
    while waiting:
        free = [step for step in waiting if placed.issuperset(step.after)]
        if not free:
            raise PlanError(f"steps wait for each other in a circle: {', '.join(s.name for s in waiting)}")
        waiting.remove(free[0])
        ordered.append(free[0])
        placed.add(free[0].name)
    return tuple(ordered)
