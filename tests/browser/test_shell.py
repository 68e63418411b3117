"""The frame of the pages: palette, shortcuts, theme, menus, side bar, confirmation, live regions."""

import re

from playwright.sync_api import expect

from apps.core.actor import Actor
from tests.browser.conftest import OpenPage


def test_ctrl_k_opens_the_palette_and_enter_goes_to_the_page(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice)
    watched.settle()
    page = watched.page
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("audit")
    expect(page.locator("#palette [role=option]").first).to_contain_text("Audit")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/operations/audit/$"))
    watched.assert_sound()


def test_the_palette_says_when_nothing_is_called_that(open_page: OpenPage, alice: Actor) -> None:
    page = open_page(alice).page
    page.wait_for_timeout(250)
    page.keyboard.press("Control+k")
    page.keyboard.type("zzzqqq")
    expect(page.locator("#palette .palette-note")).to_have_text("Nothing called “zzzqqq”.")


def test_question_mark_shows_the_shortcuts_and_escape_closes_them(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice)
    watched.settle()
    watched.page.keyboard.press("?")
    expect(watched.page.locator("#shortcuts")).to_be_visible()
    assert watched.accessibility() == []
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator("#shortcuts")).to_be_hidden()


def test_g_then_a_letter_goes_to_a_page(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice, "settings/profile/")
    watched.settle()
    watched.page.keyboard.press("g")
    watched.page.keyboard.press("l")
    expect(watched.page).to_have_url(re.compile(r"/operations/audit/$"))


def test_the_theme_is_kept_and_rendered_by_the_server(open_page: OpenPage, alice: Actor) -> None:
    page = open_page(alice, theme="light").page
    page.wait_for_timeout(250)
    page.locator("summary[aria-label=Theme]").click()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    html = page.request.get(page.url).text()
    assert 'data-bs-theme="dark"' in html


def test_the_skip_link_is_first_and_leads_to_the_content(open_page: OpenPage, alice: Actor) -> None:
    page = open_page(alice).page
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_on_a_phone_the_menu_button_opens_the_sections_and_escape_closes_them(
    open_page: OpenPage, alice: Actor
) -> None:
    watched = open_page(alice, width=360)
    watched.settle()
    button = watched.page.get_by_role("button", name="Menu", exact=True)
    expect(watched.page.get_by_role("link", name="Audit")).to_be_hidden()
    button.click()
    expect(watched.page.get_by_role("link", name="Audit")).to_be_visible()
    assert watched.accessibility() == []
    watched.page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(watched.page.get_by_role("link", name="Audit")).to_be_hidden()


def test_the_workspace_menu_lists_the_workspaces_of_the_person(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice)
    watched.settle()
    watched.page.locator("summary.tenant").click()
    expect(watched.page.locator(".rail-head .menu-panel")).to_contain_text("Acme")
    expect(watched.page.locator(".rail-head .menu-panel")).not_to_contain_text("Globex")
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator(".rail-head .menu-panel")).to_be_hidden()
    watched.assert_sound()


def test_what_destroys_asks_once_and_says_what_it_will_do(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice)
    watched.settle()
    page = watched.page
    page.evaluate(
        """() => {
            const form = document.createElement("form");
            Object.assign(form.dataset, {
                confirm: "Deletes 3 rows.", confirmAction: "Delete 3 rows", confirmType: "orders"});
            form.addEventListener("submit", (event) => {
                event.preventDefault();
                window.sent = (window.sent ?? 0) + 1;
            });
            const button = document.createElement("button");
            button.textContent = "Delete";
            form.append(button);
            document.querySelector("main").append(form);
        }"""
    )
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("Deletes 3 rows.")
    expect(page.get_by_role("button", name="Delete 3 rows")).to_be_disabled()
    page.keyboard.press("Escape")
    assert page.evaluate("window.sent") is None
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("orders")
    page.get_by_role("button", name="Delete 3 rows").click()
    page.wait_for_timeout(100)
    assert page.evaluate("window.sent") == 1


def test_times_are_shown_in_the_zone_of_the_workspace_with_the_zone_named(open_page: OpenPage, alice: Actor) -> None:
    page = open_page(alice, "settings/members/").page
    page.wait_for_timeout(250)
    page.goto(page.url.replace("settings/members/", "operations/audit/"))
    page.wait_for_timeout(250)
    expect(page.locator("#entries time").first).to_contain_text(re.compile(r"CES?T|GMT\+[12]"))


def test_a_notification_reaches_an_open_page(open_page: OpenPage, alice: Actor) -> None:
    from apps.realtime.services.publisher import publish  # noqa: PLC0415 - needs the suite's environment

    assert alice.tenant is not None
    for number in range(12):
        publish(alice.tenant.id, "notifications", {"title": f"Came before, {number}", "level": "info"})
    watched = open_page(alice)
    dot = watched.page.locator(".count-dot")
    expect(dot).to_have_text("9+")
    watched.page.wait_for_timeout(500)  # the last of what is replayed
    bell = watched.page.locator("[data-behaviour='shell/notifications'] > summary")
    bell.click()
    expect(dot).to_be_hidden()  # opened: what came before is seen
    bell.click()
    publish(alice.tenant.id, "notifications", {"title": "Profile finished", "level": "success"})
    expect(watched.page.locator("#toasts")).to_contain_text("Profile finished")
    expect(dot).to_have_text("1")
    watched.assert_sound()
