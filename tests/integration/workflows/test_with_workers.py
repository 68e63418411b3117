"""Runs on real Celery workers and a real beat."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.workflows.enums import RunStatus
from apps.workflows.models import StepResult, WorkflowRun
from apps.workflows.selectors import runs as reads
from apps.workflows.services import runs
from atom_project.config import config
from celery_app.enqueue import enqueue
from tests.integration.workflows import flows, processes
from tests.integration.workflows.processes import eventually


@pytest.fixture(scope="module")
def _processes(world: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("processes")
    with processes.running(processes.worker(folder / "worker.log", concurrency=3), processes.beat(folder / "beat.log")):
        yield


@pytest.fixture(autouse=True)
def _workers(_processes: None) -> None:
    """Every test here has them."""


def status(run_id: object) -> str:
    return str(WorkflowRun.objects.values_list("status", flat=True).get(id=run_id))


def test_a_run_goes_through_by_itself(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.three", work, actor=frida)
    eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
    assert flows.ran(work.folder) == ["first", "second", "third"]


def test_many_messages_for_one_step_run_it_once(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.three", work, actor=frida)
    for _ in range(10):
        enqueue("workflows.step", str(started.id), "first")
        enqueue("workflows.step", str(started.id), "second")
    eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
    time.sleep(0.5)
    assert flows.begun(work.folder) == ["first", "second", "third"]


def test_a_transient_failure_is_retried_without_holding_a_worker(
    inside: TenantRef, frida: Actor, work: flows.Work
) -> None:
    failing = [work.model_copy(update={"fail": "first:UPSTREAM:1", "number": n}) for n in range(3)]
    started = [runs.start("tests.three", failing[0], actor=frida)]
    eventually(lambda: StepResult.objects.filter(run_id=started[0].id, retry_count=1).exists())
    quick = runs.start("tests.three", work, actor=frida)
    eventually(lambda: status(quick.id) == RunStatus.SUCCEEDED, within=10)
    eventually(lambda: status(started[0].id) == RunStatus.SUCCEEDED, within=15)
    step = StepResult.objects.get(run_id=started[0].id, step_name="first")
    assert step.retry_count == 1


def test_ten_runs_three_at_a_time_all_end(inside: TenantRef, frida: Actor, work: flows.Work, tmp_path: Path) -> None:
    started = []
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        started.append(runs.start("tests.gated", flows.Work(folder=str(folder), number=number), actor=frida))
    eventually(lambda: sum(flows.begun(tmp_path / str(n)).count("gate") for n in range(10)) == 3)
    queue = reads.read_queue(frida)
    assert len(queue.running) == 3
    assert [place for place, _ in queue.waiting] == list(range(1, 8))
    for number in range(10):
        (tmp_path / str(number) / "open").touch()
        assert len(reads.read_queue(frida).running) <= 3
    eventually(lambda: not WorkflowRun.objects.unfinished().exists())
    assert {status(run.id) for run in started} == {RunStatus.SUCCEEDED}


def test_a_running_step_can_be_cancelled(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.gated", work, actor=frida)
    eventually(lambda: "gate" in flows.begun(work.folder))
    assert runs.cancel(started.id, actor=frida).status == RunStatus.CANCELLING
    eventually(lambda: status(started.id) == RunStatus.CANCELLED, within=10)
    assert flows.ran(work.folder) == ["first"]
    statuses = [row.status for row in reads.steps_of(WorkflowRun.objects.get(id=started.id))]
    assert statuses == ["success", "cancelled", "cancelled"]


def test_a_step_that_times_out_is_tried_again_and_then_on_a_sample(
    inside: TenantRef, frida: Actor, work: flows.Work
) -> None:
    started = runs.start("tests.slow", work, actor=frida)
    eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
    step = StepResult.objects.get(run_id=started.id)
    assert (step.timeouts, step.retry_count, step.sampling) == (2, 2, True)
    assert flows.begun(work.folder) == ["slow"] * 3


def test_progress_is_kept_and_published(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.gated", work, actor=frida)
    gate = StepResult.objects.filter(run_id=started.id, step_name="gate", progress__gt=0)
    eventually(gate.exists)
    kept = gate.get()
    assert kept.progress_message == "Waiting for the gate"
    assert kept.progress_fields["waited"] > 0
    (Path(work.folder) / "open").touch()
    eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
    client = redis.Redis.from_url(config.redis_url.get_secret_value())
    streams = [key for key in client.scan_iter("*") if str(started.id).encode() in key]
    assert streams, "the run's topic has a history"
