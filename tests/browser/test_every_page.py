"""What holds for every page: sound scripts, the policy kept, accessible, nothing wider than the window."""

import pytest

from apps.core.actor import Actor
from tests.browser.addresses import page_paths
from tests.browser.conftest import OpenPage

LOOKS = [(1440, "light"), (360, "dark")]
OUTSIDE = ["/", "/login", "/t/acme/no-such-page"]


@pytest.mark.parametrize("path", page_paths())
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_a_page_is_sound_accessible_and_fits(
    open_page: OpenPage, alice: Actor, path: str, width: int, theme: str
) -> None:
    watched = open_page(alice, path, width=width, theme=theme)
    watched.settle()
    watched.assert_sound()
    assert watched.page.locator("h1").count() == 1
    assert watched.overflow() <= 0, watched.wide_elements()
    assert watched.accessibility() == []


@pytest.mark.parametrize("address", OUTSIDE)
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_a_page_for_strangers_is_sound_accessible_and_fits(
    open_page: OpenPage, address: str, width: int, theme: str
) -> None:
    watched = open_page(None, address, width=width, theme=theme)
    watched.settle()
    watched.assert_sound()
    assert watched.page.locator("h1").count() == 1
    assert watched.overflow() <= 0, watched.wide_elements()
    assert watched.accessibility() == []


@pytest.mark.parametrize("path", page_paths())
def test_a_viewer_gets_the_page_or_a_sentence_that_says_why_not(open_page: OpenPage, carol: Actor, path: str) -> None:
    watched = open_page(carol, path)
    watched.settle()
    watched.assert_sound()
    assert watched.page.locator("main").inner_text().strip()
    assert "Traceback" not in watched.page.content()
