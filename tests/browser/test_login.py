"""Getting in and out, by hand and in a browser."""

import re

from playwright.sync_api import expect

from apps.core.actor import Actor
from tests.browser.conftest import OpenPage
from tests.support import cast


def test_a_stranger_is_sent_to_the_login_and_then_to_where_they_wanted_to_go(open_page: OpenPage) -> None:
    watched = open_page(None, "/t/acme/operations/audit/")
    page = watched.page
    expect(page).to_have_url(re.compile(r"/login\?next="))
    page.get_by_label("E-mail").fill("alice@acme.test")
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page).to_have_url(re.compile(r"/t/acme/operations/audit/$"))
    watched.assert_sound()


def test_a_wrong_password_says_so_in_one_sentence_and_keeps_the_address(open_page: OpenPage) -> None:
    page = open_page(None, "/login").page
    page.get_by_label("E-mail").fill("bob@acme.test")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert").first).to_contain_text("E-mail or password is wrong.")
    expect(page.get_by_label("E-mail")).to_have_value("bob@acme.test")


def test_a_login_never_leads_to_another_site(open_page: OpenPage) -> None:
    page = open_page(None, "/login?next=https://evil.example/").page
    page.get_by_label("E-mail").fill("carol@acme.test")
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/t/acme/$"))


def test_logging_out_ends_the_session(open_page: OpenPage, bob: Actor) -> None:
    watched = open_page(bob)
    watched.settle()
    page = watched.page
    page.locator("summary.person").click()
    page.get_by_role("button", name="Log out").click()
    page.goto("/t/acme/")
    expect(page).to_have_url(re.compile(r"/login"))


def test_a_workspace_of_others_looks_like_one_that_does_not_exist(open_page: OpenPage, mallory: Actor) -> None:
    page = open_page(mallory, "/t/acme/").page
    expect(page.locator("main")).to_contain_text("There is no such workspace, or you are not a member of it.")
    expect(page.locator("main")).not_to_contain_text("Acme")


def test_an_error_page_names_the_request_and_a_way_on(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice, "no-such-page")
    expect(watched.page.locator("main")).to_contain_text("request")
    watched.page.get_by_role("link", name="Back to the home page").click()
    expect(watched.page).to_have_url(re.compile(r"/t/acme/$"))
