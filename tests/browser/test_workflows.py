"""The page of a run in the browser: sound at every width, and following the run without a reload."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.workflows.contracts import Run
from apps.workflows.models import WorkflowRun
from apps.workflows.services import runs
from tests.browser.conftest import OpenPage
from tests.integration.workflows import flows

TITLE = "A flow the worker does not know"


@pytest.fixture
def run(server: str, acme: TenantRef, bob: Actor, tmp_path: Path) -> Iterator[Run]:
    """A run that the suite's worker fails at once: its flow is declared in the tests only."""
    with tenant_context.entered(acme):
        WorkflowRun.objects.update(slot_expires_at=None)  # what other tests left under way holds none
        started = runs.start("tests.three", flows.Work(folder=str(tmp_path)), actor=bob, title=TITLE)
    yield started
    with tenant_context.entered(acme):
        WorkflowRun.objects.filter(flow="tests.three").delete()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_the_page_of_a_failed_run_is_sound_and_accessible(
    open_page: OpenPage, bob: Actor, run: Run, width: int, theme: str
) -> None:
    watched = open_page(bob, f"operations/workflows/{run.id}/", width=width, theme=theme)
    expect(watched.page.locator(".banner.is-error")).to_contain_text("First failed", timeout=20_000)
    watched.settle()
    watched.assert_sound()
    assert watched.overflow() <= 0, watched.wide_elements()
    assert watched.accessibility() == []


def test_a_run_that_is_tried_again_is_followed_without_a_reload(open_page: OpenPage, bob: Actor, run: Run) -> None:
    page = open_page(bob, f"operations/workflows/{run.id}/").page
    ends = page.locator(".wf-log li").filter(has_text="Run").filter(has_text="VALIDATION_FAILED")
    expect(ends).to_have_count(1, timeout=20_000)
    page.get_by_role("button", name="Retry", exact=True).click()
    expect(ends).to_have_count(2, timeout=20_000)


def test_the_list_leads_to_the_run(open_page: OpenPage, bob: Actor, run: Run) -> None:
    page = open_page(bob, "operations/workflows/").page
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
