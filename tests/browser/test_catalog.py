"""From the catalog to confirmed tables in a browser: profile with live progress, review, confirm, go on."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.models import Datasource
from apps.datasources.services import demo, registry
from tests.browser.conftest import OpenPage
from tests.support import cast
from tests.support.shop import SMALL

PICTURES = os.environ.get("ATOM_PICTURES", "")


@pytest.fixture(scope="module")
def source(world: dict[str, TenantRef]) -> Datasource:
    """Acme with a small demo company, connected and not yet profiled."""
    alice = cast.actor("alice@acme.test", world["acme"])
    demo.load_demo(world["acme"], scale=SMALL)
    with tenant_context.entered(world["acme"]):
        datasource, _ = registry.connect(alice, name="Browser shop", type_name="sandbox", config={})
    return datasource


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_profile_review_and_confirm_lead_to_the_next_step(
    open_page: OpenPage, alice: Actor, source: Datasource
) -> None:
    watched = open_page(alice, "data/catalog/")
    page = watched.page
    picture(page, "catalog-empty")
    if page.locator("#profile-source").count():
        page.select_option("#profile-source", str(source.id))
    page.get_by_role("button", name="Profile", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile of Browser shop")
    picture(page, "progress-running")
    review = page.get_by_role("link", name="Next: review the recommended tables")
    expect(review).to_be_visible(timeout=60_000)
    watched.settle()
    picture(page, "progress-done")
    assert watched.accessibility() == []
    review.click()
    expect(page.locator("[data-advice]").first).to_be_visible()
    watched.settle()
    picture(page, "recommendations")
    assert watched.accessibility() == []
    page.get_by_role("button", name="Confirm ticked").click()
    expect(page.get_by_role("link", name=re.compile("Next: generate the dashboard"))).to_be_visible()
    watched.assert_sound()


def test_a_row_is_moved_to_and_rejected_by_keyboard(open_page: OpenPage, alice: Actor, source: Datasource) -> None:
    watched = open_page(alice, f"data/recommendations/?datasource={source.id}")
    watched.settle()
    page = watched.page
    before = page.locator("#advice [data-advice]").count()
    watched.to_row("j")
    expect(page.locator("#advice [data-advice]").first).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("#advice [data-advice]")).to_have_count(before - 1)
    watched.assert_sound()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (360, "light")])
def test_catalog_pages_fit_and_are_sound(
    open_page: OpenPage, alice: Actor, source: Datasource, width: int, theme: str
) -> None:
    watched = open_page(alice, f"data/catalog/?datasource={source.id}", width=width, theme=theme)
    page = watched.page
    watched.settle()
    picture(page, f"catalog-{width}-{theme}")
    assert watched.overflow() <= 0, watched.wide_elements()
    page.get_by_role("link", name="orders").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("orders")
    watched.settle()
    page.get_by_role("button", name="Show some rows").click()
    expect(page.locator("#sample table")).to_be_visible()
    picture(page, f"table-{width}-{theme}")
    assert watched.overflow() <= 0, watched.wide_elements()
    assert watched.accessibility() == []
    page.goto(page.url.split("/data/")[0] + f"/data/recommendations/?datasource={source.id}")
    watched.settle()
    picture(page, f"recommendations-{width}-{theme}")
    assert watched.overflow() <= 0, watched.wide_elements()
    page.goto(page.url.split("/data/")[0] + "/data/pii/")
    watched.settle()
    picture(page, f"pii-{width}-{theme}")
    assert watched.overflow() <= 0, watched.wide_elements()
    watched.assert_sound()


def test_the_list_narrows_while_typing(open_page: OpenPage, alice: Actor, source: Datasource) -> None:
    watched = open_page(alice, f"data/catalog/?datasource={source.id}")
    watched.settle()
    watched.page.fill("#catalog-search", "coupon_code")
    expect(watched.page.locator("#catalog-results tbody tr")).to_have_count(1)
    watched.assert_sound()


def test_a_column_is_described_in_place(open_page: OpenPage, alice: Actor, source: Datasource) -> None:
    watched = open_page(alice, f"data/catalog/?datasource={source.id}")
    page = watched.page
    page.get_by_role("link", name="plans").first.click()
    row = page.locator("tbody tr", has=page.get_by_text("seats", exact=True))
    row.get_by_text("Edit").click()
    row.get_by_label("Description").fill("Seats that are included")
    row.get_by_role("button", name="Save").click()
    expect(page.locator("tbody tr", has_text="seats").locator("div.muted").first).to_have_text(
        "Seats that are included"
    )
    watched.assert_sound()
