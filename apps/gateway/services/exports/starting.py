"""Starting an export, and finding the ones there are: runs of the flow, with a link to what they made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.gateway.services.exports.packing import Packed
from apps.storage.services import objects
from apps.workflows.contracts import Run
from apps.workflows.enums import RunStatus
from apps.workflows.models import StepResult, WorkflowRun
from apps.workflows.services import runs

FLOW: Final = "tenant.export"
KEEP: Final = timedelta(days=7)
LINK_SECONDS: Final = 3600
MOST: Final = 20


class ExportInput(BaseModel):
    """Nothing to choose: an export is of everything."""


@dataclass(frozen=True, slots=True)
class Export:
    """One export: its run, and once it is done what it made and until when that is kept."""

    run_id: UUID
    status: str
    progress: float
    asked_at: datetime
    packed: Packed | None
    kept_until: datetime | None

    @property
    def is_ready(self) -> bool:
        """Whether it can be fetched now."""
        return self.packed is not None and self.kept_until is not None and self.kept_until > clock.now()


def start(actor: Actor) -> Run:
    """Begin, or join the export that is under way."""
    actor.require(Scope.TENANT_MANAGE)
    return runs.start(FLOW, ExportInput(), actor=actor, run_key=FLOW, title="Export of the workspace")


def list_for(actor: Actor) -> list[Export]:
    """The last twenty, newest first."""
    actor.require(Scope.TENANT_MANAGE)
    found = list(WorkflowRun.objects.filter(flow=FLOW).order_by("-created_at")[:MOST])
    made = StepResult.objects.filter(run_id__in=[run.id for run in found], step_name="pack", status="success")
    outputs = {row.run_id: Packed.model_validate(row.output) for row in made}
    return [_export(run, outputs.get(run.id)) for run in found]


def link_for(actor: Actor, run_id: UUID) -> str:
    """A signed address of the archive, good for an hour; raises NotFound when there is none (any more)."""
    export = next((each for each in list_for(actor) if each.run_id == run_id), None)
    if export is None or export.packed is None or not export.is_ready:
        raise NotFound("There is no such export, or it is not kept any more.")
    token, _ = objects.sign(actor, export.packed.path, "GET", expires=LINK_SECONDS)
    return f"/api/v1/storage/signed/{token}"


def _export(run: WorkflowRun, packed: Packed | None) -> Export:
    done = run.status == RunStatus.SUCCEEDED
    ended = run.finished_at if done else None
    return Export(
        run.id, run.status, run.progress, run.queued_at, packed if done else None, ended + KEEP if ended else None
    )
