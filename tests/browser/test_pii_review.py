"""The review of personal data in a browser: by keyboard, in bulk, taken back; on a phone and at night."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.models import CatalogColumn, CatalogTable
from apps.datasources.services import registry
from tests.browser.conftest import OpenPage

PICTURES = os.environ.get("ATOM_PICTURES", "")
COLUMNS = {"contact": "phone", "remark": "email", "full_name": "person_name", "delivery": "address"}


@pytest.fixture
def table(acme: TenantRef, alice: Actor) -> Iterator[CatalogTable]:
    """A table with four columns that wait and one that is protected, beside one that another filter shows."""
    with tenant_context.entered(acme):
        source, _ = registry.connect(alice, name=f"Review {uuid4().hex[:6]}", type_name="sandbox", config={})
        row = CatalogTable.objects.create(datasource=source, dataset="crm", name="leads")
        evidence = {"basis": "values", "reason": "3 of 40 distinct values pass.", "seen": [{"mask": "aaa@aaaa.aa"}]}
        for at, (name, kind) in enumerate(COLUMNS.items()):
            CatalogColumn.objects.create(
                table=row, name=name, position=at, type="STRING", pii_kind=kind, pii_tier="low", pii_evidence=evidence
            )
        CatalogColumn.objects.create(
            table=row, name="email", position=9, type="STRING", pii_kind="email", pii_tier="high", pii_evidence=evidence
        )
        other = CatalogTable.objects.create(datasource=source, dataset="crm", name="visits")
        CatalogColumn.objects.create(
            table=other,
            name="guest",
            position=0,
            type="STRING",
            pii_kind="email",
            pii_tier="low",
            pii_evidence=evidence,
        )
    yield row
    with tenant_context.entered(acme):
        row.delete()
        other.delete()


def rows(page: Page) -> object:
    return page.locator("input[name=ids]")


def test_columns_are_decided_by_keyboard_and_taken_back(open_page: OpenPage, alice: Actor, table: CatalogTable) -> None:
    watched = open_page(alice, "data/pii/?table=crm.leads")
    watched.settle()
    page = watched.page
    expect(rows(page)).to_have_count(4)
    watched.to_row("j")
    page.keyboard.press("x")
    expect(rows(page)).to_have_count(3)
    watched.to_row("j")
    page.keyboard.press("Space")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(page.locator("[data-ticked]")).to_have_text("2 ticked")
    page.get_by_role("button", name="Protect ticked").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Undo").first.click()
    expect(rows(page)).to_have_count(2)
    watched.assert_sound()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (360, "light")])
def test_the_page_fits_and_is_sound(
    open_page: OpenPage, alice: Actor, table: CatalogTable, width: int, theme: str
) -> None:
    watched = open_page(alice, "data/pii/", width=width, theme=theme)
    watched.settle()
    if PICTURES:
        watched.page.screenshot(path=Path(PICTURES) / f"review-{width}-{theme}.png", full_page=True)
    assert watched.overflow() <= 0, watched.wide_elements()
    assert watched.accessibility() == []
    watched.assert_sound()
