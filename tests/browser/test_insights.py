"""Dashboards and memos in a browser: cards draw themselves, say why, follow the period; numbers hold when checked."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.core import tenant as tenant_context
from apps.core.tenant import TenantRef
from apps.dashboards.models import Dashboard
from apps.dashboards.services import requests as dashboard_requests
from apps.memos.models import Memo
from apps.memos.services import requests as memo_requests
from tests.browser.conftest import OpenPage
from tests.support import shop as shops
from tests.support.shop import Shop

PICTURES = os.environ.get("ATOM_PICTURES", "")


@pytest.fixture(scope="module")
def shop(world: dict[str, TenantRef]) -> Iterator[Shop]:
    with shops.confirmed() as found:
        with tenant_context.entered(found.tenant):
            wish = dashboard_requests.wish_of(found.admin, found.datasource.id)
            shops.drive(dashboard_requests.start(found.admin, wish).id)
            shops.drive(memo_requests.start(found.admin, found.datasource.id).id)
        yield found


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def address(shop: Shop, template: str) -> str:
    with tenant_context.entered(shop.tenant):
        return f"autopilot/dashboards/{Dashboard.objects.get(template=template).id}/"


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_every_card_of_a_dashboard_draws_itself(open_page: OpenPage, shop: Shop, width: int, theme: str) -> None:
    watched = open_page(shop.admin, address(shop, "revenue_volume"), width=width, theme=theme)
    cards = watched.page.locator(".board-card")
    expect(watched.page.locator('.board-card[data-state="ok"]')).to_have_count(cards.count(), timeout=20_000)
    watched.settle()
    watched.assert_sound()
    assert watched.overflow() <= 0, watched.wide_elements()
    assert watched.accessibility() == []
    picture(watched.page, f"dashboard-{width}-{theme}")


def test_a_card_says_why_and_follows_the_period(open_page: OpenPage, shop: Shop) -> None:
    watched = open_page(shop.admin, address(shop, "revenue_volume"))
    page = watched.page
    first = page.locator(".board-card").first
    expect(first.locator(".scalar-value")).to_be_visible(timeout=20_000)
    before = first.locator(".scalar-value").inner_text()
    first.locator("[data-why]").click()
    expect(page.get_by_role("dialog")).to_contain_text("SELECT")
    page.get_by_role("dialog").get_by_label("Close").click()
    page.get_by_role("button", name="7 days").click()
    expect(first.locator(".scalar-value")).not_to_have_text(before, timeout=20_000)
    watched.assert_sound()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_sharing_opens_over_the_object_and_stays_there(open_page: OpenPage, shop: Shop, width: int, theme: str) -> None:
    watched = open_page(shop.admin, address(shop, "revenue_volume"), width=width, theme=theme)
    watched.settle()
    share, dialog = watched.page.get_by_role("link", name="Share"), watched.page.get_by_role("dialog")
    share.click()
    dialog.get_by_role("button", name="Only the people below").click()
    expect(dialog).to_contain_text("Only the people below, and admins")
    assert watched.accessibility() == []
    assert watched.overflow() <= 0, watched.wide_elements()
    picture(watched.page, f"sharing-{width}-{theme}")
    dialog.get_by_role("button", name="Open it to the workspace").click()
    expect(dialog).to_contain_text("Everybody in the workspace")
    watched.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(share).to_be_focused()
    watched.assert_sound()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_a_memo_reads_well_at_every_width(open_page: OpenPage, shop: Shop, width: int, theme: str) -> None:
    with tenant_context.entered(shop.tenant):
        memo = Memo.objects.get()
    watched = open_page(shop.admin, f"autopilot/memos/{memo.id}/", width=width, theme=theme)
    watched.settle()
    watched.assert_sound()
    assert watched.overflow() <= 0, watched.wide_elements()
    assert watched.accessibility() == []
    picture(watched.page, f"memo-{width}-{theme}")


def test_a_number_of_the_memo_is_computed_again_and_holds(open_page: OpenPage, shop: Shop) -> None:
    with tenant_context.entered(shop.tenant):
        memo = Memo.objects.get()
    watched = open_page(shop.admin, f"autopilot/memos/{memo.id}/")
    page = watched.page
    page.locator(".memo-headline .figure").first.click()
    page.get_by_role("button", name="Compute again").click()
    expect(page.get_by_role("dialog")).to_contain_text("It still holds", timeout=20_000)
    page.get_by_role("dialog").get_by_label("Close").click()
    page.locator(".memo-line .feedback summary").first.click()
    page.locator(".memo-line").first.get_by_role("button", name="Useful", exact=True).click()
    expect(page.locator(".feedback-thanks").first).to_be_visible()
    watched.assert_sound()


def test_generating_shows_its_cost_first_and_ends_on_the_list(open_page: OpenPage, shop: Shop) -> None:
    watched = open_page(shop.admin, "autopilot/dashboards/")
    page = watched.page
    page.get_by_role("button", name="Work out what it will read").click()  # dashboards exist: nothing is asked unasked
    expect(page.locator("#estimate")).to_contain_text("Will read", timeout=20_000)
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.locator(".job")).to_have_count(0, timeout=40_000)
    expect(page.get_by_role("link", name="Revenue/Volume")).to_be_visible()
    watched.assert_sound()
