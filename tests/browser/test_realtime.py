"""The page's socket in a real browser: it opens, delivers, and after a cut resumes without a gap or a double."""

from playwright.sync_api import expect

from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.realtime.enums import CloseCode
from apps.realtime.services.publisher import close_sockets, publish
from tests.browser.conftest import OpenPage


def test_a_notification_reaches_the_open_page(open_page: OpenPage, alice: Actor, acme: TenantRef) -> None:
    watched = open_page(alice)
    page, title = watched.page, f"Backup {new_id().hex[-8:]} is done"
    expect(page.locator("html")).to_have_attribute("data-socket", "open")
    publish(acme.id, "notifications", {"title": title, "level": "info"})
    expect(page.locator("[data-notifications]")).to_contain_text(title)
    watched.assert_sound()


def test_after_a_cut_the_page_resumes_and_misses_nothing(open_page: OpenPage, alice: Actor, acme: TenantRef) -> None:
    page = open_page(alice).page
    expect(page.locator("html")).to_have_attribute("data-socket", "open")
    close_sockets(acme.id, code=CloseCode.RESTARTING, reason="restarting")
    expect(page.locator("html")).to_have_attribute("data-socket", "closed")
    title = f"Said meanwhile {new_id().hex[-8:]}"
    publish(acme.id, "notifications", {"title": title, "level": "info"})
    expect(page.locator("html")).to_have_attribute("data-socket", "open")
    expect(page.locator("[data-notifications] li", has_text=title)).to_have_count(1)


def test_a_revoked_session_does_not_come_back(open_page: OpenPage, bob: Actor, acme: TenantRef) -> None:
    page = open_page(bob).page
    expect(page.locator("html")).to_have_attribute("data-socket", "open")
    close_sockets(acme.id, actor_id=bob.id)
    expect(page.locator("html")).to_have_attribute("data-socket", "closed")
    page.wait_for_timeout(2500)
    expect(page.locator("html")).to_have_attribute("data-socket", "closed")
