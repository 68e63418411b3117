"""The chart wrapper: draws every kind, follows the theme, offers the numbers as a table, keeps the policy."""

from typing import Any

import pytest
from playwright.sync_api import expect

from apps.core.actor import Actor
from tests.browser.conftest import OpenPage
from tests.browser.watching import Watched

ROWS = [{"day": f"2026-05-{day:02}", "place": place, "value": day * 10 + len(place)} for day in range(1, 15)
        for place in ("Berlin", "Lyon")]  # fmt: skip
BY_DAY = {"x": {"field": "day", "type": "time"}, "series": [{"field": "value", "name": "Revenue"}], "rows": ROWS[::2]}
SPLIT = BY_DAY | {"split": {"field": "place"}, "rows": ROWS}
BY_PLACE = {"x": {"field": "place", "type": "category"}, "series": [{"field": "value", "name": "Revenue"}],
            "rows": ROWS[:2]}  # fmt: skip
SPECS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("line", "area", "bar"), BY_DAY),
    **dict.fromkeys(("stacked", "stacked_area", "share"), SPLIT),
    **dict.fromkeys(("hbar", "pie", "funnel"), BY_PLACE),
    "heatmap": SPLIT | {"y": {"field": "place", "type": "category"}, "split": None},
    "scatter": BY_DAY | {"x": {"field": "value", "type": "number"}},
}
PUT = """([id, spec]) => {
    const script = Object.assign(document.createElement("script"), {type: "application/json", id});
    script.textContent = JSON.stringify(spec);
    const figure = document.createElement("figure");
    figure.className = "chart";
    Object.assign(figure.dataset, {behaviour: "charts/figure", spec: id});
    document.querySelector("main").prepend(script, figure);
    figure.dispatchEvent(new CustomEvent("htmx:load", {bubbles: true, detail: {elt: figure}}));
}"""


def put(watched: Watched, spec: dict[str, Any]) -> None:
    """Draw `spec` at the top of the page."""
    watched.settle()
    watched.page.evaluate(PUT, ["spec", spec])


@pytest.mark.parametrize("kind", sorted(SPECS))
def test_a_chart_is_drawn_within_the_policy(open_page: OpenPage, alice: Actor, kind: str) -> None:
    watched = open_page(alice)
    put(watched, SPECS[kind] | {"type": kind, "title": f"Revenue as {kind}"})
    figure = watched.page.locator("figure.chart[data-drawn=yes]")
    expect(figure.locator("canvas").first).to_be_visible()
    figure.locator(".chart-canvas").hover(position={"x": 150, "y": 60})
    watched.page.wait_for_timeout(200)
    watched.assert_sound()
    assert watched.overflow() <= 0
    assert watched.accessibility() == []


def test_the_numbers_of_a_chart_can_be_read_as_a_table(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice)
    put(watched, BY_DAY | {"type": "line", "unit": {"kind": "currency", "currency": "EUR"}})
    watched.page.get_by_role("button", name="Show as table").click()
    table = watched.page.locator(".chart-table table")
    expect(table.locator("tbody tr")).to_have_count(14)
    expect(table.locator("tbody tr").first).to_contain_text("€16")
    expect(table.locator("tbody tr").first).to_contain_text("1 May 2026")


def test_a_missing_value_stays_a_gap(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice)
    rows = [{"day": "2026-05-01", "value": None}, {"day": "2026-05-02", "value": 4}]
    put(watched, BY_DAY | {"type": "line", "rows": rows})
    watched.page.get_by_role("button", name="Show as table").click()
    expect(watched.page.locator(".chart-table tbody tr").first).to_contain_text("–")


def test_a_chart_without_rows_says_so(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice)
    put(watched, BY_DAY | {"type": "bar", "rows": [], "empty": "No orders this week"})
    expect(watched.page.locator("figure.chart")).to_contain_text("No orders this week")


def test_a_scalar_shows_its_change_and_whether_it_is_good(open_page: OpenPage, alice: Actor) -> None:
    watched = open_page(alice)
    rows = [{"value": value, "before": 100} for value in (90, 95, 120)]
    spec = {"type": "scalar", "series": [{"field": "value"}], "compare": {"field": "before", "name": "last week"}}
    put(watched, spec | {"rows": rows, "better": "up"})
    expect(watched.page.locator(".scalar-value")).to_have_text("120")
    expect(watched.page.locator(".scalar-change .is-good")).to_have_text("▲ 20%")
