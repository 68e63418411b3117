"""Domain errors of the workflow engine, and the two signals that end a step early."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.core.errors import AtomError, Conflict, NextStep, NotFound
from apps.workflows.enums import FailureCode


class UnknownFlowError(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is no workflow called {name!r}.", code="UNKNOWN_FLOW")


class RunNotFoundError(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such run.")


class NotRecoverableError(Conflict):
    """The run is in a state in which the wanted action makes no sense."""


class StepFailure(AtomError):
    """A step says how it failed: `raise StepFailure(FailureCode.QUOTA_EXCEEDED, "…", next_steps=(…))`."""

    def __init__(
        self,
        failure: FailureCode,
        message: str,
        *,
        next_steps: Sequence[NextStep | str] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=failure, next_steps=next_steps, extra=extra)
        self.failure = failure


class RunCancelled(Exception):
    """The run was asked to stop; the step ends here."""


class LeaseLost(Exception):
    """Another worker holds this step by now; whatever this one still does must not be written."""
