"""The pages of runs: list, one run, cancel and recover by form."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.home import Slot, items
from apps.core.tenant import TenantRef
from apps.workflows.contracts import Run
from apps.workflows.services import runs
from tests.integration.workflows import flows
from tests.integration.workflows.conftest import drive

Browser = Callable[[Actor], Client]
ROOT = "/t/acme/operations/workflows/"

pytestmark = pytest.mark.usefixtures("alone_in_acme")


@pytest.fixture
def run(acme: TenantRef, bob: Actor, tmp_path: Path) -> Run:
    """A run that has just begun, alone in its tenant."""
    with tenant_context.entered(acme):
        return runs.start("tests.three", flows.Work(folder=str(tmp_path)), actor=bob, title="Profile of the shop")


def test_the_list_shows_the_run_and_where_to_listen(browser_client: Browser, carol: Actor, run: Run) -> None:
    answer = browser_client(carol).get(ROOT)
    assert answer.status_code == 200
    assert "Profile of the shop" in answer.content.decode()
    assert f"workflow.{run.id}" in answer.content.decode()


def test_an_empty_list_says_what_to_do(browser_client: Browser, carol: Actor, run: Run) -> None:
    assert "Show all runs" in browser_client(carol).get(ROOT, {"search": "nothing like it"}).content.decode()


def test_a_fragment_is_the_list_alone(browser_client: Browser, carol: Actor, run: Run) -> None:
    answer = browser_client(carol).get(ROOT, headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert "HX-Request" in answer["Vary"]


def test_the_run_page_shows_steps_and_a_button_to_cancel(browser_client: Browser, bob: Actor, run: Run) -> None:
    page = browser_client(bob).get(f"{ROOT}{run.id}/").content.decode()
    assert page.count("data-step-row") == 3
    assert f"{ROOT}{run.id}/cancel" in page


def test_a_viewer_sees_no_button(browser_client: Browser, carol: Actor, run: Run) -> None:
    assert f"{ROOT}{run.id}/cancel" not in browser_client(carol).get(f"{ROOT}{run.id}/").content.decode()
    assert browser_client(carol).post(f"{ROOT}{run.id}/cancel").status_code == 403


def test_cancelling_leads_back_to_the_run(browser_client: Browser, bob: Actor, run: Run) -> None:
    answer = browser_client(bob).post(f"{ROOT}{run.id}/cancel")
    assert (answer.status_code, answer["Location"]) == (303, f"{ROOT}{run.id}/")
    assert "Cancelled" in browser_client(bob).get(f"{ROOT}{run.id}/").content.decode()


def test_a_failure_is_told_with_the_way_on(
    browser_client: Browser, acme: TenantRef, bob: Actor, tmp_path: Path
) -> None:
    with tenant_context.entered(acme):
        work = flows.Work(folder=str(tmp_path), fail="second:PERMISSION_DENIED:1")
        failed = drive(runs.start("tests.three", work, actor=bob).id)
    page = browser_client(bob).get(f"{ROOT}{failed.id}/").content.decode()
    assert "Reconnect the datasource" in page
    answer = browser_client(bob).post(f"{ROOT}{failed.id}/recover", {"action": "retry"})
    assert answer.status_code == 303
    with tenant_context.entered(acme):
        assert drive(failed.id).status == "succeeded"


def test_home_tells_what_is_running(acme: TenantRef, bob: Actor, run: Run) -> None:
    with tenant_context.entered(acme):
        [line] = [item for item in items(Slot.RUNNING, bob) if item.title == "Profile of the shop"]
    assert (line.topic, line.state) == (f"workflow.{run.id}", "running")


def test_a_stranger_finds_no_page(browser_client: Browser, mallory: Actor, run: Run) -> None:
    assert browser_client(mallory).get(f"/t/globex/operations/workflows/{run.id}/").status_code == 404


def test_the_list_costs_the_same_for_one_run_and_for_twenty(
    browser_client: Browser, acme: TenantRef, bob: Actor, run: Run, tmp_path: Path
) -> None:
    client = browser_client(bob)
    client.get(ROOT)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ROOT).status_code == 200
        return len(queries)

    one = cost()
    with tenant_context.entered(acme):
        for number in range(20):
            runs.start("tests.three", flows.Work(folder=str(tmp_path), number=number), actor=bob)
    assert cost() == one
