"""The two admin sites: their own policy lets the theme work, and nothing else changes."""

import pytest
from playwright.sync_api import expect

from apps.core.actor import Actor
from tests.browser.conftest import OpenPage
from tests.support import cast


def test_the_operators_admin_works_under_its_own_policy(open_page: OpenPage) -> None:
    watched = open_page(None, "/login?next=/admin/")
    page = watched.page
    page.get_by_label("E-mail").fill("operator@atom.test")
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Tenants").first).to_be_visible()
    watched.settle()
    watched.assert_sound()
    page.goto("/admin/tenancy/tenant/")
    expect(page.locator("#result_list")).to_contain_text("acme")
    watched.assert_sound()


def test_the_tenants_admin_is_for_its_admins(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice, "admin/")
    watched.settle()
    watched.assert_sound()
    expect(watched.page.locator("body")).to_contain_text("Workspace")


@pytest.mark.parametrize("address", ["/login", "/t/acme/"])
def test_pages_keep_the_strict_policy(open_page: OpenPage, alice: Actor, address: str) -> None:
    policy = open_page(alice).page.request.get(address).headers["content-security-policy"]
    assert "unsafe" not in policy
