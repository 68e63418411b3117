"""What crosses the border of the workflow engine: the context a step receives, the run its owner gets back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.workflows.enums import RunStatus

Output = TypeVar("Output", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as other apps see it. `joined` is true when a start found it already under way."""

    id: UUID
    flow: str
    status: RunStatus
    progress: float
    queued_at: datetime
    queue_position: int | None = None
    joined: bool = False


class StepContext(Protocol):
    """Handed to a step. Everything it may do to its own run goes through here."""

    @property
    def actor(self) -> Actor: ...
    @property
    def tenant(self) -> TenantRef: ...
    @property
    def run_id(self) -> UUID: ...
    @property
    def step_name(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def idempotency_key(self) -> str: ...
    @property
    def sampling(self) -> bool:
        """True when the step should work on a sample: after a second timeout, or when a person chose it."""
        ...

    def progress(self, fraction: float, message: str, **fields: object) -> None:
        """Store and publish how far the step is (0 to 1). Raises when the run was cancelled or the lease was lost."""
        ...

    def check_cancelled(self) -> None:
        """Raise `RunCancelled` when somebody asked the run to stop; call it between pieces of work."""
        ...

    def output_of(self, step_name: str, model: type[Output]) -> Output:
        """What a finished step returned."""
        ...

    def output_or_none(self, step_name: str, model: type[Output]) -> Output | None:
        """As `output_of`; None when the step was skipped or failed."""
        ...

    def warn(self, message: str) -> None:
        """Flag partial results: the step still succeeds, the warning stays with step and run."""
        ...

    def link(self, label: str, path: str) -> None:
        """Offer a page on the run's page; `path` is below the tenant's prefix, such as `autopilot/memos/…`."""
        ...

    def on_cancel(self, stop: "CancelHook") -> None:
        """Call `stop()` once when the run is cancelled while this step runs (kill a warehouse job)."""
        ...


class CancelHook(Protocol):
    def __call__(self) -> object: ...
