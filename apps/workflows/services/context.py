"""The context a step gets: its run, its actor, and the few things it may say about itself."""

import time
from typing import Any
from uuid import UUID

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.workflows.contracts import CancelHook, Output
from apps.workflows.errors import LeaseLost, RunCancelled
from apps.workflows.models import WorkflowRun
from apps.workflows.services import announce, claims
from apps.workflows.services.heartbeat import Heartbeat

STORE_EVERY_S = 0.5
SEND_EVERY_S = 0.1
LOOK_EVERY_S = 0.5


class RunningStep:
    """Implements `contracts.StepContext` over a claim and its heartbeat."""

    def __init__(self, claim: claims.Claim, actor: Actor, heartbeat: Heartbeat) -> None:
        self.claim = claim
        self.actor = actor
        self.tenant: TenantRef = tenant_context.require()
        self.warnings: list[str] = []
        self.links: list[dict[str, str]] = []
        self.last_message = ""
        self.last_fields: dict[str, object] = {}
        self._heartbeat = heartbeat
        self._stored_at = self._sent_at = self._looked_at = float("-inf")

    @property
    def run_id(self) -> UUID:
        return self.claim.run.id

    @property
    def step_name(self) -> str:
        return self.claim.step.step_name

    @property
    def attempt(self) -> int:
        return self.claim.step.retry_count + 1

    @property
    def idempotency_key(self) -> str:
        return self.claim.step.idempotency_key or ""

    @property
    def sampling(self) -> bool:
        return self.claim.step.sampling

    def progress(self, fraction: float, message: str, **fields: object) -> None:
        self._stop_if_told()
        fraction, now = min(1.0, max(0.0, fraction)), time.monotonic()
        self.last_message, self.last_fields = message, fields
        if now - self._stored_at >= STORE_EVERY_S or fraction >= 1.0:
            self._stored_at = now
            claims.store_progress(self.claim, fraction=fraction, message=message, fields=fields)
            self.check_cancelled()
        if now - self._sent_at >= SEND_EVERY_S or fraction >= 1.0:
            self._sent_at = now
            self._send(fraction, message, fields)

    def check_cancelled(self) -> None:
        self._stop_if_told()
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        asked = WorkflowRun.objects.filter(id=self.run_id).values_list("cancel_requested_at", flat=True).first()
        if asked is not None:
            self._heartbeat.cancelled.set()
            raise RunCancelled

    def output_of(self, step_name: str, model: type[Output]) -> Output:
        if step_name not in self.claim.outputs:
            raise LookupError(f"step {step_name!r} has not succeeded; declare it in `after`")
        return model.model_validate(self.claim.outputs[step_name])

    def output_or_none(self, step_name: str, model: type[Output]) -> Output | None:
        return self.output_of(step_name, model) if step_name in self.claim.outputs else None

    def warn(self, message: str) -> None:
        self.warnings.append(message[:500])

    def link(self, label: str, path: str) -> None:
        self.links.append({"label": label[:120], "path": path.lstrip("/")})

    def on_cancel(self, stop: CancelHook) -> None:
        self._heartbeat.on_cancel(stop)

    def _stop_if_told(self) -> None:
        if self._heartbeat.lost.is_set():
            raise LeaseLost(self.step_name)
        if self._heartbeat.cancelled.is_set():
            raise RunCancelled

    def _send(self, fraction: float, message: str, fields: dict[str, Any]) -> None:
        body = {"type": "progress", "step": self.step_name, "title": self.claim.step.title, "message": message}
        shares = {"fraction": round(fraction, 4), "progress": self._of_run(fraction)}
        announce.send(self.claim.run, {**body, **shares, "fields": fields})

    def _of_run(self, fraction: float) -> float:
        """Share of the whole run, from what it was at the claim plus this step's part."""
        count = max(1, len(self.claim.run.frozen_plan.steps))
        return round(min(1.0, self.claim.run.progress + fraction / count), 4)
