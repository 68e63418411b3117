"""The workflow API: shapes, refusals, and nothing of another tenant."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.workflows.contracts import Run
from apps.workflows.models import WorkflowRun
from apps.workflows.services import runs
from tests.integration.workflows import flows
from tests.integration.workflows.conftest import drive

Api = Callable[[Actor | None], Any]
ROOT = "/api/v1/workflows"

pytestmark = pytest.mark.usefixtures("alone_in_acme")


@pytest.fixture
def run(acme: TenantRef, bob: Actor, tmp_path: Path) -> Run:
    """A run of bob's that has just begun, alone in its tenant."""
    with tenant_context.entered(acme):
        return runs.start("tests.three", flows.Work(folder=str(tmp_path)), actor=bob)


@pytest.fixture
def failed(acme: TenantRef, bob: Actor, tmp_path: Path) -> WorkflowRun:
    """A run that failed in its second step."""
    with tenant_context.entered(acme):
        work = flows.Work(folder=str(tmp_path), fail="second:MALFORMED_RESPONSE:1")
        return drive(runs.start("tests.three", work, actor=bob).id)


def test_a_run_is_shown_with_its_steps(api: Api, carol: Actor, acme: TenantRef, run: Run) -> None:
    with tenant_context.entered(acme):
        drive(run.id)
    answer = api(carol).get(f"{ROOT}/runs/{run.id}")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["status"], body["progress"]) == ("succeeded", 1.0)
    assert [step["step_name"] for step in body["steps"]] == ["first", "second", "third"]
    assert body["timeline"][0]["after"] == "queued"


def test_runs_are_listed_filtered_and_paged(api: Api, bob: Actor, run: Run) -> None:
    body = api(bob).get(f"{ROOT}/runs", {"flow": "tests.three", "status": "running", "limit": 1}).json()
    assert [item["workflow_id"] for item in body["items"]] == [str(run.id)]
    assert api(bob).get(f"{ROOT}/runs", {"flow": "nothing"}).json()["items"] == []


def test_a_bad_filter_is_refused(api: Api, bob: Actor) -> None:
    answer = api(bob).get(f"{ROOT}/runs", {"status": "sleeping"})
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")


def test_the_queue_tells_places(api: Api, acme: TenantRef, bob: Actor, run: Run, tmp_path: Path) -> None:
    with tenant_context.entered(acme):
        for number in range(1, 5):
            runs.start("tests.three", flows.Work(folder=str(tmp_path), number=number), actor=bob)
    body = api(bob).get(f"{ROOT}/queue").json()
    assert (body["limit"], len(body["running"])) == (3, 3)
    assert [(row["queue_position"], row["reason"]) for row in body["waiting"]] == [
        (1, "concurrency_limit"),
        (2, "concurrency_limit"),
    ]


def test_a_run_is_cancelled_for_good(api: Api, bob: Actor, run: Run) -> None:
    answer = api(bob).post(f"{ROOT}/{run.id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert api(bob).post(f"{ROOT}/{run.id}/cancel").status_code == 409
    assert api(bob).post(f"{ROOT}/retry", {"workflow_id": str(run.id)}).status_code == 409


def test_a_failed_run_is_retried(api: Api, bob: Actor, failed: WorkflowRun) -> None:
    shown = api(bob).get(f"{ROOT}/runs/{failed.id}").json()
    assert (shown["status"], shown["error"]["failed_step"]) == ("partial_failure", "second")
    answer = api(bob).post(f"{ROOT}/retry", {"workflow_id": str(failed.id), "sampling": True})
    assert answer.status_code == 202
    assert answer.json()["steps"][1]["sampling"] is True


def test_a_dead_letter_is_listed_and_requeued(api: Api, bob: Actor, failed: WorkflowRun) -> None:
    letters = api(bob).get(f"{ROOT}/dead-letters").json()["items"]
    letter = next(item for item in letters if item["workflow_id"] == str(failed.id))
    assert letter["failure_class"] == "poison"
    assert api(bob).post(f"{ROOT}/dead-letters/{letter['id']}/requeue").status_code == 202
    assert api(bob).post(f"{ROOT}/dead-letters/{letter['id']}/requeue").status_code == 409


def test_an_unknown_way_on_is_refused(api: Api, bob: Actor, failed: WorkflowRun) -> None:
    assert api(bob).post(f"{ROOT}/{failed.id}/recover", {"action": "hope"}).status_code == 400


@pytest.mark.parametrize("path", ["cancel", "recover"])
def test_a_viewer_reads_and_does_not_touch(path: str, api: Api, carol: Actor, run: Run) -> None:
    assert api(carol).get(f"{ROOT}/runs/{run.id}").status_code == 200
    assert api(carol).post(f"{ROOT}/{run.id}/{path}", {"action": "retry"}).status_code == 403


def test_a_stranger_finds_nothing(api: Api, mallory: Actor, run: Run, failed: WorkflowRun) -> None:
    client = api(mallory)
    for run_id in (run.id, failed.id, new_id()):
        assert client.get(f"{ROOT}/runs/{run_id}").status_code == 404
        assert client.post(f"{ROOT}/{run_id}/cancel").status_code == 404
        assert client.post(f"{ROOT}/{run_id}/recover", {"action": "retry"}).status_code == 404
        assert client.post(f"{ROOT}/retry", {"workflow_id": str(run_id)}).status_code == 404
    listed = {item["workflow_id"] for item in client.get(f"{ROOT}/runs").json()["items"]}
    assert not listed & {str(run.id), str(failed.id)}
    assert api(None).get(f"{ROOT}/runs").status_code == 401
