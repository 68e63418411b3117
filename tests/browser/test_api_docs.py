"""The API's documentation in a real browser, under the strict policy."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage


def test_the_reader_lists_the_operations_without_breaking_the_policy(open_page: OpenPage) -> None:
    watched = open_page(None, "/api/docs/")
    expect(watched.page.locator(".opblock-summary-path").first).to_be_visible(timeout=20_000)
    assert watched.page.locator(".opblock").count() > 20
    assert watched.errors == []
    assert watched.violations == []
