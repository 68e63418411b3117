"""Small decisions of the shell."""

import json
import re
from pathlib import Path

import pytest

from apps.gateway.pages.navigation import SECTIONS
from apps.gateway.pages.shell import initials

ROOT = Path(__file__).resolve().parents[3]
ICONS = set(json.loads((ROOT / "static" / "src" / "icons.json").read_text()))


@pytest.mark.parametrize(
    ("name", "letters"), [("Acme Retail", "AR"), ("Globex", "GL"), ("alice@acme.test", "AA"), ("", "··"), ("—", "··")]
)
def test_two_letters_stand_for_a_name(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_every_icon_that_a_template_or_script_names_is_in_the_sprite() -> None:
    used = set()
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "src").rglob("*.js")]:
        text = path.read_text()
        used |= set(re.findall(r'{% icon "([^"]+)"', text)) | set(re.findall(r'\bicon\("([^"]+)"\)', text))
        used |= set(re.findall(r'\bicon="([^"{]+)"', text))
    used |= {place.icon for _title, places in SECTIONS for place in places}
    assert used - ICONS == set()


def test_no_key_leads_to_two_pages() -> None:
    keys = [place.key for _title, places in SECTIONS for place in places if place.key]
    assert len(keys) == len(set(keys))


def test_every_behaviour_that_a_template_names_exists() -> None:
    missing = []
    for path in (ROOT / "templates").rglob("*.html"):
        for names in re.findall(r'data-behaviour="([^"{]+)"', path.read_text()):
            for name in names.split():
                script = ROOT / "static" / "src" / f"{name}.js"
                if not script.exists() or "function mount" not in script.read_text():
                    missing.append(f"{path.name}: {name}")
    assert missing == []
