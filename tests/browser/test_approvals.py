"""The inbox as two people use it at once: asked here, seen there, answered there, run here; nothing is reloaded."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from apps.core.actor import Actor
from apps.core.ids import new_id
from tests.browser.conftest import OpenPage

Api = Callable[[Actor | None], Any]


def deep() -> str:
    """More joins than run without asking, and a text of its own."""
    joins = " ".join(f"JOIN customers AS c{at} ON c{at}.id = o.customer_id" for at in range(6))
    return f"SELECT count(*) AS asked_{new_id().hex[-8:]} FROM orders AS o {joins}"


def ask(api: Api, who: Actor, sql: str) -> str:
    answer = api(who).post("/api/v1/data/query", {"sql": sql})
    assert answer.status_code == 409, answer.content
    return str(answer.json()["approval_id"])


def test_what_a_member_asks_for_is_answered_and_run_without_a_reload(
    open_page: OpenPage, api: Api, alice: Actor, bob: Actor
) -> None:
    inbox = open_page(alice, "operations/approvals/")
    expect(inbox.page.locator("html")).to_have_attribute("data-socket", "open")
    sql = deep()
    approval = ask(api, bob, sql)
    line = inbox.page.locator("#approvals [data-row]", has_text=sql[:40])
    expect(line).to_be_visible()

    waiting = open_page(bob, f"operations/approvals/{approval}/")
    expect(waiting.page.locator("html")).to_have_attribute("data-socket", "open")
    expect(waiting.page.get_by_text("Waiting for")).to_be_visible()

    line.get_by_role("link", name="Review").click()
    inbox.page.get_by_label("Comment").fill("once is fine")
    inbox.page.get_by_role("button", name="Approve", exact=True).click()
    expect(inbox.page.locator("#approval")).to_contain_text("approved")

    waiting.page.get_by_role("button", name="Run it now").click()
    expect(waiting.page.locator("main")).to_contain_text("asked_")
    inbox.assert_sound()
    waiting.assert_sound()


def test_several_are_answered_at_once_by_the_keyboard(open_page: OpenPage, api: Api, alice: Actor, bob: Actor) -> None:
    asked = [ask(api, bob, deep()) for _ in range(2)]
    inbox = open_page(alice, "operations/approvals/?state=pending")
    inbox.settle()
    for approval in asked:
        box = inbox.page.locator(f"#approvals input[name=id][value='{approval}']")
        box.focus()
        inbox.page.keyboard.press("Space")
        expect(box).to_be_checked()
    inbox.page.get_by_role("button", name="Reject chosen").focus()
    inbox.page.keyboard.press("Enter")
    inbox.page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    for approval in asked:
        expect(inbox.page.locator(f"#approvals input[name=id][value='{approval}']")).to_have_count(0)
    inbox.assert_sound()


def test_what_is_withdrawn_leaves_the_inbox_of_others(open_page: OpenPage, api: Api, alice: Actor, bob: Actor) -> None:
    sql = deep()
    approval = ask(api, bob, sql)
    inbox = open_page(alice, "operations/approvals/?state=pending")
    line = inbox.page.locator("#approvals [data-row]", has_text=sql[:40])
    expect(line).to_be_visible()
    expect(inbox.page.locator("html")).to_have_attribute("data-socket", "open")
    own = open_page(bob, f"operations/approvals/{approval}/")
    own.page.get_by_role("button", name="Withdraw").click()
    own.page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(line).to_have_count(0)
    inbox.assert_sound()
