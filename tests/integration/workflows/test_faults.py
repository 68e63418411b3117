"""Workers that die in the middle of a step: the run goes on, nothing that ended is done again."""

import os
import signal
from pathlib import Path

import pytest

from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.workflows.enums import RunStatus
from apps.workflows.models import StepResult, WorkflowRun
from apps.workflows.services import runs
from tests.integration.workflows import flows, processes
from tests.integration.workflows.processes import eventually

pytestmark = pytest.mark.faults


def status(run_id: object) -> str:
    return str(WorkflowRun.objects.values_list("status", flat=True).get(id=run_id))


def test_a_run_survives_kill_9_of_the_whole_worker(
    inside: TenantRef, frida: Actor, work: flows.Work, tmp_path: Path
) -> None:
    worker, beat = processes.worker(tmp_path / "worker.log"), processes.beat(tmp_path / "beat.log")
    with processes.running(worker, beat):
        started = runs.start("tests.gated", work, actor=frida)
        eventually(lambda: "gate" in flows.begun(work.folder))
        worker.kill()
        assert status(started.id) == RunStatus.RUNNING
        (Path(work.folder) / "open").touch()
        worker.start()
        eventually(lambda: status(started.id) == RunStatus.SUCCEEDED, within=40)
    assert flows.ran(work.folder) == ["first", "gate", "last"]
    assert flows.begun(work.folder) == ["first", "gate", "gate", "last"]
    assert StepResult.objects.get(run_id=started.id, step_name="gate").lost_workers == 1


def test_a_run_survives_kill_9_of_the_child_that_works_on_it(
    inside: TenantRef, frida: Actor, work: flows.Work, tmp_path: Path
) -> None:
    worker, beat = processes.worker(tmp_path / "worker.log"), processes.beat(tmp_path / "beat.log")
    with processes.running(worker, beat):
        started = runs.start("tests.gated", work, actor=frida)
        eventually(lambda: "gate" in flows.begun(work.folder))
        line = (Path(work.folder) / "begun.log").read_text().splitlines()[-1]
        (Path(work.folder) / "open").touch()
        os.kill(int(line.split()[1]), signal.SIGKILL)
        eventually(lambda: status(started.id) == RunStatus.SUCCEEDED, within=40)
    assert flows.ran(work.folder).count("first") == 1
    assert flows.ran(work.folder).count("last") == 1
    assert flows.ran(work.folder).count("gate") == 1


def test_a_run_started_while_no_worker_lives_is_done_later(
    inside: TenantRef, frida: Actor, work: flows.Work, tmp_path: Path
) -> None:
    started = runs.start("tests.three", work, actor=frida)
    with processes.running(processes.worker(tmp_path / "worker.log"), processes.beat(tmp_path / "beat.log")):
        eventually(lambda: status(started.id) == RunStatus.SUCCEEDED, within=40)
    assert flows.ran(work.folder) == ["first", "second", "third"]


def test_a_run_whose_messages_are_lost_goes_on_by_its_wake_up(
    inside: TenantRef, frida: Actor, work: flows.Work, tmp_path: Path
) -> None:
    started = runs.start("tests.three", work, actor=frida)
    empty_the_queues()
    with processes.running(processes.worker(tmp_path / "worker.log"), processes.beat(tmp_path / "beat.log")):
        eventually(lambda: status(started.id) == RunStatus.SUCCEEDED, within=40)
    assert flows.begun(work.folder) == ["first", "second", "third"]


def empty_the_queues() -> None:
    """What a Redis without persistence does when it dies."""
    from celery_app.app import app  # noqa: PLC0415 - used by one test
    from celery_app.queues import QueueName  # noqa: PLC0415 - used by one test

    with app.connection_for_write() as connection:
        for queue in QueueName:
            connection.default_channel.queue_purge(queue.value)
