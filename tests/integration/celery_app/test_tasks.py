"""Tasks: each has a queue, each knows its tenant, and the beat says how it is."""

import json
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from celery.app.task import Task
from celery.exceptions import Ignore

from apps.core import tenant as tenant_context
from apps.core.errors import NoTenant
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.workflows.tasks import step
from celery_app import health
from celery_app.app import app
from celery_app.beat import Beat
from celery_app.queues import QUEUES, QueueName, queue_of, route
from celery_app.tenant_task import TENANT_HEADER, TenantTask, outgoing_headers
from tests.integration.workflows import processes
from tests.integration.workflows.processes import eventually


def own_tasks() -> list[Task]:
    app.loader.import_default_modules()
    app.finalize()
    return [task for name, task in app.tasks.items() if not name.startswith("celery.")]


def test_every_task_has_a_queue() -> None:
    names = {task.name for task in own_tasks()}
    assert {"workflows.step", "wakeups.deliver"} <= names
    assert [name for name in names if queue_of(name) is None] == []


def test_every_task_carries_the_tenant() -> None:
    assert [task.name for task in own_tasks() if not isinstance(task, TenantTask)] == []


def test_every_queue_of_the_table_exists() -> None:
    assert {queue.name for queue in QUEUES} == set(QueueName)


def test_a_task_without_a_queue_is_refused() -> None:
    with pytest.raises(LookupError, match="has no queue"):
        route("nobody.knows")


def test_a_second_attempt_has_a_queue_of_its_own() -> None:
    assert queue_of("workflows.step_again") is QueueName.RETRIES
    assert queue_of("workflows.step") is QueueName.DEFAULT


def test_a_task_enqueued_outside_a_tenant_is_refused() -> None:
    with pytest.raises(NoTenant):
        step.delay(str(new_id()), "first")


def test_the_tenant_travels_in_a_header(acme: TenantRef) -> None:
    with tenant_context.entered(acme):
        assert outgoing_headers("workflows.step", platform=False, given=None)[TENANT_HEADER] == str(acme.id)


def call(task: Task, headers: dict[str, str], *args: str) -> None:
    """Run the task as a worker does, with these headers on the message."""
    task.push_request(id=str(new_id()), headers=headers, args=args, kwargs={})
    try:
        task(*args)
    finally:
        task.pop_request()


def test_a_message_without_a_tenant_is_refused_on_the_worker() -> None:
    with pytest.raises(NoTenant):
        call(step, {}, str(new_id()), "first")


def test_a_message_of_a_tenant_that_is_gone_is_dropped() -> None:
    with pytest.raises(Ignore):
        call(step, {TENANT_HEADER: str(new_id())}, str(new_id()), "first")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def read(port: int, path: str = "/health") -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_a_beat_whose_last_tick_is_older_than_a_minute_is_unhealthy() -> None:
    beat, port = Beat(), free_port()
    server = health.serve(beat.check, port=port)
    assert server is not None
    try:
        assert read(port)[0] == 200
        beat.last_tick -= 61
        status, body = read(port)
        assert (status, body["status"]) == (503, "unhealthy")
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.faults
def test_a_beat_process_ticks_serves_its_health_and_stops_cleanly(world: object, tmp_path: Path) -> None:
    port = free_port()
    beat = processes.beat(tmp_path / "beat.log", METRICS_PORT=str(port))
    with processes.running(beat):
        eventually(lambda: reachable(port))
        status, body = read(port)
        assert (status, body["trouble"]) == (200, "")
        assert beat.popen is not None
        running = beat.popen
        beat.stop()
        assert running.returncode == 0


def reachable(port: int) -> bool:
    try:
        return read(port)[0] == 200
    except OSError:
        return False
