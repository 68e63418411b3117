"""Leases and fences: who may work on a step, and what becomes of a worker that comes too late."""

import threading
from contextvars import copy_context
from datetime import timedelta

from django.db import connections

from apps.core import clock
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.workflows.enums import RunStatus, StepStatus
from apps.workflows.models import StepResult, TimelineRow, WorkflowRun
from apps.workflows.services import claims, execution, recovery, runs, settle
from apps.workflows.services.context import RunningStep
from apps.workflows.services.heartbeat import Heartbeat
from tests.integration.workflows import flows
from tests.integration.workflows.conftest import drive


def claimed(actor: Actor, work: flows.Work, step: str = "first") -> claims.Claim:
    started = runs.start("tests.three", work, actor=actor)
    claim = claims.take(started.id, step)
    assert claim is not None
    return claim


def end_lease(claim: claims.Claim, tenant: TenantRef) -> None:
    """Let the holder vanish: its lease is over and somebody looks."""
    StepResult.objects.filter(id=claim.step.id).update(lease_owner="elsewhere/1/1", lease_expires_at=clock.now())
    recovery.look(str(claim.run.id), tenant)


def test_a_held_step_cannot_be_taken_by_another(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    claim = claimed(frida, work)
    assert claims.take(claim.run.id, "first") is None


def test_of_many_who_try_at_once_one_gets_it(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.three", work, actor=frida)
    results: list[bool] = []

    def attempt() -> None:
        try:
            results.append(execution.perform(started.id, "first"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=copy_context().run, args=(attempt,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 5 + [True]
    assert flows.begun(work.folder) == ["first"]


def test_a_late_worker_cannot_write_over_a_newer_one(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    late = claimed(frida, work)
    end_lease(late, inside)
    run = drive(late.run.id)
    assert run.status == RunStatus.SUCCEEDED
    before = StepResult.objects.get(id=late.step.id)
    ctx = RunningStep(late, frida, Heartbeat(late))
    assert not settle.success(late, ctx, flows.Done(trail=["from the past"]))
    after = StepResult.objects.get(id=late.step.id)
    assert (after.output, after.fence) == (before.output, before.fence)
    assert TimelineRow.objects.filter(run_id=run.id, message__contains="late worker").exists()


def test_a_late_worker_hears_that_its_lease_is_lost(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    late = claimed(frida, work)
    assert claims.renew(late).held
    end_lease(late, inside)
    assert not claims.renew(late).held


def test_a_lease_that_is_renewed_is_not_taken_over(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    claim = claimed(frida, work)
    soon = clock.now() + claims.LEASE - timedelta(seconds=1)
    with clock.frozen(soon):
        assert claims.renew(claim).held
    with clock.frozen(soon + timedelta(seconds=2)):
        recovery.look(str(claim.run.id), inside)
    assert StepResult.objects.get(id=claim.step.id).status == StepStatus.RUNNING


def test_a_step_that_keeps_losing_its_worker_fails(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    claim = claimed(frida, work)
    for _ in range(claims.MAX_LOST_WORKERS):
        end_lease(claim, inside)
        claims.take(claim.run.id, "first")
    run = WorkflowRun.objects.get(id=claim.run.id)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "WORKER_LOST")


def test_the_own_process_lives_and_a_dead_one_is_known(inside: TenantRef) -> None:
    machine = claims.owner_name().rsplit("/", 2)[0]
    assert not claims.owner_is_gone(claims.owner_name())
    assert claims.owner_is_gone(f"{machine}/4194000/17")
    assert not claims.owner_is_gone("another-machine/1/1/4194000/17")


def test_a_cancelled_run_whose_worker_died_ends_cancelled(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    claim = claimed(frida, work)
    assert runs.cancel(claim.run.id, actor=frida).status == RunStatus.CANCELLING
    end_lease(claim, inside)
    assert WorkflowRun.objects.get(id=claim.run.id).status == RunStatus.CANCELLED


def test_a_step_that_ends_while_its_run_is_cancelled_is_kept_and_nothing_follows(
    inside: TenantRef, frida: Actor, work: flows.Work
) -> None:
    claim = claimed(frida, work)
    runs.cancel(claim.run.id, actor=frida)
    ctx = RunningStep(claim, frida, Heartbeat(claim))
    assert settle.success(claim, ctx, flows.Done(trail=["first"]))
    run = WorkflowRun.objects.get(id=claim.run.id)
    assert run.status == RunStatus.CANCELLED
    statuses = list(StepResult.objects.filter(run_id=run.id).order_by("position").values_list("status", flat=True))
    assert statuses == ["success", "cancelled", "cancelled"]
