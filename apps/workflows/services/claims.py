"""Who works on a step: a lease with a fence. A claim raises the fence, and only its holder may write the result."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.workflows.engine import keys
from apps.workflows.enums import FailureCode, RunStatus, StepStatus
from apps.workflows.errors import LeaseLost, RunNotFoundError
from apps.workflows.models import StepResult, WorkflowRun
from apps.workflows.services import dispatch, slots
from apps.workflows.services.transitions import LockedRun, lock_run, move_step

LEASE = timedelta(seconds=20)
MAX_LOST_WORKERS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one step until the lease ends."""

    run: WorkflowRun
    step: StepResult
    fence: int
    outputs: dict[str, object]


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a heartbeat learns."""

    held: bool
    cancelled: bool


def take(run_id: UUID, step_name: str) -> Claim | None:
    """Claim a ready step, or None: it is not due, not ready, somebody works on it, or the run may not run now."""
    with transaction.atomic():
        try:
            run = lock_run(run_id)
        except RunNotFoundError:  # removed since the message was sent
            return None
        step = StepResult.objects.filter(run_id=run_id, step_name=step_name).first()
        if step is None or run.state is not RunStatus.RUNNING:
            return None
        if step.state is StepStatus.RUNNING and owner_is_gone(step.lease_owner):
            revive(run, step)
        if step.state is not StepStatus.READY or (step.due_at and step.due_at > clock.now()):
            return None
        return _claim(run, step) if slots.keep(run) else None


def renew(claim: Claim) -> Renewal:
    """Lengthen the lease; tells when it is lost or the run was asked to stop."""
    held = _held(claim).update(lease_expires_at=clock.now() + LEASE)
    asked = WorkflowRun.objects.filter(id=claim.run.id).values_list("cancel_requested_at", flat=True).first()
    WorkflowRun.objects.filter(id=claim.run.id, status=RunStatus.RUNNING).update(
        slot_expires_at=clock.now() + slots.SLOT_LEASE
    )
    return Renewal(held=bool(held), cancelled=asked is not None)


def store_progress(claim: Claim, *, fraction: float, message: str, fields: dict[str, object]) -> None:
    """Keep how far the step is, so that a reload shows it; also a heartbeat. Raises LeaseLost."""
    changed = _held(claim).update(
        progress=fraction,
        progress_message=message[:300],
        progress_fields=fields,
        lease_expires_at=clock.now() + LEASE,
    )
    if not changed:
        raise LeaseLost(claim.step.step_name)


def revive(run: LockedRun, step: StepResult) -> None:
    """The worker of a running step is gone: it may be claimed again, or fails when this happened too often."""
    lost = step.lost_workers + 1
    if lost >= MAX_LOST_WORKERS:
        message = f"Its worker was lost {lost} times."
        error = {"code": FailureCode.WORKER_LOST, "message": message}
        move_step(
            run, step, StepStatus.FAILED, message=message, error_code=FailureCode.WORKER_LOST, error=error,
            lost_workers=lost, finished_at=clock.now(), fence=step.fence + 1,
        )  # fmt: skip
        return
    move_step(
        run, step, StepStatus.READY, message="The worker was lost; the step is taken over.",
        lost_workers=lost, due_at=None, fence=step.fence + 1, lease_owner="", lease_expires_at=None,
    )  # fmt: skip


def lease_is_over(step: StepResult, now: datetime) -> bool:
    """Whether a running step has no living holder."""
    return step.lease_expires_at is None or step.lease_expires_at <= now or owner_is_gone(step.lease_owner)


@lru_cache(maxsize=1)
def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id")
    identity = boot.read_text().strip()[:8] if boot.exists() else ""
    namespace = os.readlink("/proc/self/ns/pid") if Path("/proc/self/ns/pid").exists() else ""
    return f"{socket.gethostname()[:40]}/{identity}/{namespace.strip('pid:[]')}"


def owner_name() -> str:
    """This process, so that another on the same machine can tell whether it still lives."""
    return f"{_machine()}/{os.getpid()}/{_started(os.getpid())}"


def owner_is_gone(owner: str) -> bool:
    """True only when it is certain: the holder ran on this machine, since this boot, and no longer exists."""
    machine, _, rest = owner.rpartition("/")
    machine, _, pid = machine.rpartition("/")
    if machine != _machine() or not pid.isdigit():
        return False
    return _started(int(pid)) != rest


def _started(pid: int) -> str:
    """The start time of a process in clock ticks since boot; empty when there is no such (living) process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _claim(run: LockedRun, step: StepResult) -> Claim:
    now = clock.now()
    before = {row.step_name: row for row in StepResult.objects.filter(run_id=run.id, status=StepStatus.SUCCESS)}
    hashes = {name: before[name].output_hash for name in run.frozen_plan.get(step.step_name).after if name in before}
    input_hash = keys.step_input_hash(run.input, hashes, sampling=step.sampling)
    move_step(
        run,
        step,
        StepStatus.RUNNING,
        fence=step.fence + 1,
        started_at=now,
        finished_at=None,
        due_at=None,
        lease_owner=owner_name(),
        lease_expires_at=now + LEASE,
        input_hash=input_hash,
        idempotency_key=keys.idempotency_key(tenant_context.require().id, run.id, step.step_name, input_hash),
        error_code="",
        error=None,
        warnings=[],
        links=[],
    )
    WorkflowRun.objects.filter(id=run.id).update(dispatches=0)
    run.dispatches = 0
    dispatch.schedule_look(run)
    return Claim(run=run, step=step, fence=step.fence, outputs={name: row.output for name, row in before.items()})


def _held(claim: Claim) -> QuerySet[StepResult]:
    return StepResult.objects.filter(id=claim.step.id, status=StepStatus.RUNNING, fence=claim.fence)
