"""The main job, end to end, as a new admin does it by hand: connect, profile, confirm, dashboard, memo, audit."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.core.tenant import TenantRef
from apps.datasources.services import demo
from tests.browser.conftest import OpenPage
from tests.browser.watching import Watched
from tests.support import cast
from tests.support.shop import SMALL

A_JOB = 120_000  # milliseconds one job may take on a busy machine


@pytest.fixture
def newcomer(open_page: OpenPage, fresh_tenant: TenantRef) -> Watched:
    """Frida's home page in a workspace of her own, whose warehouse holds a small demo company."""
    demo.load_demo(fresh_tenant, scale=SMALL)
    return open_page(cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant))


def follow_the_checklist(page: Page, prefix: str) -> None:
    """Go to the home page and take the step that it says is next."""
    page.goto(prefix)
    page.locator(".checklist .is-next .btn").click()


def connect(page: Page) -> None:
    page.get_by_role("link", name="Connect").first.click()
    page.get_by_role("button", name="Only test").click()
    expect(page.locator("#test-result")).to_contain_text("List tables")
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_role("status").first).to_contain_text("is connected")


def profile(page: Page) -> None:
    page.get_by_role("button", name="Profile", exact=True).click()
    expect(page.get_by_role("link", name="Next: review the recommended tables")).to_be_visible(timeout=A_JOB)


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Confirm ticked").click()
    expect(page.get_by_role("link", name=re.compile("Next: generate the dashboard"))).to_be_visible()


def generate_dashboards(page: Page) -> None:
    page.get_by_role("button", name="Generate").first.click()
    board = page.get_by_role("link", name="Exec Overview").first
    expect(board).to_be_visible(timeout=A_JOB)
    board.click()
    expect(page.locator("[data-drawn=yes] canvas").first).to_be_visible(timeout=20_000)


def write_the_memo(page: Page) -> None:
    page.get_by_role("button", name="Write").first.click()
    memo = page.get_by_role("link", name=re.compile("^Week of")).first
    expect(memo).to_be_visible(timeout=A_JOB)
    memo.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Week of")
    expect(page.locator("main")).to_contain_text("The week in figures")


def give_feedback(page: Page) -> None:
    page.get_by_role("button", name="Useful", exact=True).last.click()
    expect(page.locator("main")).to_contain_text(re.compile("thank", re.IGNORECASE))


def test_a_newcomer_gets_from_an_empty_workspace_to_a_memo_and_finds_it_all_in_the_audit_log(newcomer: Watched) -> None:
    page = newcomer.page
    prefix = page.url
    page.goto(f"{prefix}data/datasources/")
    connect(page)
    newcomer.assert_sound()
    follow_the_checklist(page, prefix)
    profile(page)
    follow_the_checklist(page, prefix)
    confirm(page)
    follow_the_checklist(page, prefix)
    generate_dashboards(page)
    newcomer.assert_sound()
    follow_the_checklist(page, prefix)
    write_the_memo(page)
    newcomer.assert_sound()
    give_feedback(page)
    page.goto(prefix)
    expect(page.locator(".checklist")).not_to_contain_text("Open a memo")
    page.goto(f"{prefix}operations/audit/")
    log = page.locator("#entries")
    for action in ("datasource.", "catalog.", "dashboard", "memo", "feedback"):
        page.goto(f"{prefix}operations/audit/?action={action}")
        expect(log).not_to_contain_text("No entry matches")
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.locator("#verified")).to_contain_text("Chain verified.")
    newcomer.assert_sound()
