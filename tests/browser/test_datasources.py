"""Connect the warehouse, ask it, and bring one's own file, in a browser."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from apps.core.actor import Actor
from tests.browser.conftest import OpenPage

PICTURES = os.environ.get("ATOM_PICTURES", "")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    """A German shop's export: semicolons, decimal commas, a broken line and a cell that is no date."""
    lines = [
        f"{n};{'soon' if n == 77 else f'{1 + n % 28:02d}.{1 + n // 3000:02d}.2026'};{n},50;{'DE' if n % 3 else 'FR'}"
        for n in range(24_000)
    ]
    path = tmp_path / f"Bestellungen {uuid4().hex[:6]}.csv"
    path.write_text("\n".join(["Order ID;Order Date;Total (€);Ship Country", *lines, "broken;line"]) + "\n")
    return path


def test_connect_tests_first_then_saves_and_answers_questions(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice, "data/datasources/new")
    page = watched.page
    page.get_by_label("Name").fill(f"Shop {uuid4().hex[:6]}")
    page.get_by_role("button", name="Only test").click()
    expect(page.get_by_text("locked into this tenant's own folder")).to_be_visible()
    picture(page, "connect-tested")
    assert watched.accessibility() == []
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_role("heading", name="Tables")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("cell").get_by_text("shop.events")).to_be_visible()
    page.get_by_label("SQL").fill("SELECT country, COUNT(*) AS n FROM shop.users GROUP BY country ORDER BY n DESC")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("cell", name="US", exact=True)).to_be_visible(timeout=20_000)
    watched.settle()
    picture(page, "detail-asked")
    assert watched.accessibility() == []
    page.get_by_label("SQL").fill("DROP TABLE shop.users")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("region", name="Ask").get_by_role("alert")).to_contain_text("Only a single SELECT")
    page.get_by_label("SQL").fill("SELECT user_id FROM shop.events")
    page.get_by_role("button", name="Preview cost").click()
    expect(page.get_by_text("LIMIT 10000 was added.")).to_be_visible()
    picture(page, "detail-previewed")
    assert watched.violations == []


def test_a_file_of_ones_own_is_shown_before_it_is_loaded(open_page: OpenPage, alice: Actor, own_file: Path) -> None:
    watched = open_page(alice, "data/warehouse/")
    page = watched.page
    page.set_input_files("input[type=file]", own_file)
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(own_file.name, timeout=30_000)
    expect(page.get_by_text("1 lines are left out, 1 cells become empty")).to_be_visible()
    expect(page.get_by_label("Type of order_date")).to_have_value("DATE")
    expect(page.get_by_label("Type of total_eur")).to_have_value("FLOAT64")
    watched.settle()
    picture(page, "upload-preview")
    assert watched.accessibility() == []
    page.get_by_role("button", name="Load", exact=True).click()
    expect(page.get_by_text("24,000 rows are in uploads.")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("cell", name="order_date")).to_be_visible()
    picture(page, "warehouse")
    assert watched.errors == []
    assert watched.violations == []


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1440, "dark")])
def test_pages_fit_narrow_and_dark(open_page: OpenPage, alice: Actor, width: int, theme: str) -> None:
    for path in ("data/datasources/", "data/datasources/new", "data/warehouse/"):
        watched = open_page(alice, path, width=width, theme=theme)
        watched.settle()
        picture(watched.page, f"{theme}-{width}-{path.strip('/').replace('/', '-')}")
        assert watched.overflow() <= 0, watched.wide_elements()
        assert watched.accessibility() == []


def test_a_file_nobody_can_read_says_so_and_stays_on_the_page(
    open_page: OpenPage, alice: Actor, tmp_path: Path
) -> None:
    path = tmp_path / "book.csv"
    path.write_bytes(b"PK\x03\x04 this is a workbook")
    page = open_page(alice, "data/warehouse/").page
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Upload and look").click()
    said = page.get_by_role("region", name="Load a file").get_by_role("status")
    expect(said.filter(has_text="Excel workbook")).to_be_visible()
