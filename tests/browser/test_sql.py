"""The SQL editor as a person uses it: run with the keyboard, read the rows, see the error, look at the plan."""

from playwright.sync_api import expect

from apps.core.actor import Actor
from tests.browser.conftest import OpenPage
from tests.browser.watching import Watched


def write(watched: Watched, sql: str) -> None:
    """Replace the editor's text."""
    watched.page.locator(".cm-content").click()
    watched.page.keyboard.press("Control+A")
    watched.page.keyboard.type(sql)
    watched.page.keyboard.press("Escape")


def test_a_member_runs_a_statement_with_the_keyboard(open_page: OpenPage, bob: Actor) -> None:
    watched = open_page(bob, "studio/sql/")
    expect(watched.page.get_by_text("order_items")).to_be_visible()
    write(watched, "SELECT 1 AS one, 'two' AS two")
    watched.page.keyboard.press("Control+Enter")
    row = watched.page.locator("[data-part=output] tbody tr")
    expect(row).to_have_count(1)
    assert row.locator("td").all_inner_texts()[1:] == ["1", "two"]
    watched.assert_sound()


def test_a_draft_survives_a_reload(open_page: OpenPage, bob: Actor) -> None:
    watched = open_page(bob, "studio/sql/")
    write(watched, "SELECT 42")
    watched.page.reload()
    expect(watched.page.locator(".cm-content")).to_contain_text("SELECT 42")


def test_the_plan_is_shown_without_running(open_page: OpenPage, bob: Actor) -> None:
    watched = open_page(bob, "studio/sql/?sql=SELECT%20*%20FROM%20orders%20WHERE%20customer_id%20%3D%205")
    watched.page.get_by_role("button", name="Explain").click()
    expect(watched.page.locator(".sql-plan")).to_contain_text("orders")
    expect(watched.page.locator("[data-part=output]")).to_contain_text("Nothing was run")


def test_an_error_is_marked_at_its_place(open_page: OpenPage, bob: Actor) -> None:
    watched = open_page(bob, "studio/sql/?sql=SELECT%20id,%20nonsense%20FROM%20orders")
    watched.page.get_by_role("button", name="Run").click()
    expect(watched.page.get_by_role("alert").filter(has_text="nonsense")).to_contain_text("line 1, column 12")
    expect(watched.page.locator(".cm-error")).to_have_text("nonsense")


def test_a_viewer_looks_but_does_not_run(open_page: OpenPage, carol: Actor) -> None:
    watched = open_page(carol, "studio/sql/")
    expect(watched.page.get_by_role("button", name="Run")).to_be_disabled()
    expect(watched.page.get_by_text("running SQL takes the role of a member")).to_be_visible()
    watched.assert_sound()
