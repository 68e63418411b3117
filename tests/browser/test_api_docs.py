"""The API's documentation in a real browser, under the strict policy."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage


def test_the_reader_lists_the_operations_without_breaking_the_policy(open_page: OpenPage) -> None:
    watched = open_page(None, "/api/docs/")
    expect(watched.page.locator(".opblock-summary-path").first).to_be_visible(timeout=20_000)
    for group in ("auth", "approvals", "workflows"):  # what is out of sight is drawn when it is scrolled to
        while not (seen := watched.page.locator(f"#operations-tag-{group}")).is_visible():
            before = watched.page.evaluate("window.scrollY")
            watched.page.mouse.wheel(0, 600)
            watched.page.wait_for_timeout(50)
            assert watched.page.evaluate("window.scrollY") > before, f"{group} is not there"
        expect(seen).to_be_visible()
    assert watched.errors == []
    assert watched.violations == []
