"""What a page may cost to transfer, gzip, cold: measured on what the build produced."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "static" / "dist"
KILOBYTE = 1000
BASE_PAGE = 100 * KILOBYTE
HTML_ALLOWANCE = 8 * KILOBYTE
BEHAVIOURS_OF_EVERY_PAGE = ("shell/palette", "shell/notifications", "shell/theme", "shell/rail", "kit/time")
CHARTS = 230 * KILOBYTE


def packed(path: Path) -> int:
    """Bytes of a file as it travels."""
    return len(gzip.compress(path.read_bytes(), 6))


def with_imports(path: Path, seen: set[Path]) -> set[Path]:
    """A script and everything it imports at once (not what it loads later)."""
    if path in seen:
        return seen
    seen.add(path)
    for name in re.findall(r'(?:from|import)\s*"(\.{1,2}/[^"]+\.js)"', path.read_text()):
        with_imports((path.parent / name).resolve(), seen)
    return seen


def chunk_of(behaviour: str) -> Path:
    """The lazy chunk of a behaviour."""
    stem = behaviour.split("/")[1]
    found = sorted(DIST.glob(f"chunks/{stem}-*.js"))
    assert found, f"no chunk of {behaviour}"
    return found[0]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """The build must have run."""
    assert (DIST / "main.js").exists(), "static/dist is missing: run `make build-static`"


def test_the_base_page_stays_within_100_kb() -> None:
    scripts = with_imports((DIST / "main.js").resolve(), set())
    for behaviour in BEHAVIOURS_OF_EVERY_PAGE:
        with_imports(chunk_of(behaviour).resolve(), scripts)
    sizes = {path.name: packed(path) for path in [*scripts, DIST / "atom.css", DIST / "icons.svg"]}
    total = sum(sizes.values()) + HTML_ALLOWANCE
    assert total <= BASE_PAGE, sizes


def test_charts_are_no_part_of_the_base_page_and_stay_within_their_own_budget() -> None:
    base = {path.name for path in with_imports((DIST / "main.js").resolve(), set())}
    engine = chunk_of("charts/engine").resolve()
    assert engine.name not in base
    assert sum(packed(path) for path in with_imports(engine, set())) <= CHARTS


def test_no_template_holds_inline_scripts_or_styles() -> None:
    """The policy of the pages forbids them; `json_script` data is the one exception."""
    forbidden = re.compile(r"<style|\sstyle=|<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+=\"", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in (ROOT / "templates").rglob("*.html")
        if "unfold" not in path.parts and "admin" not in path.parts
        for match in forbidden.finditer(path.read_text())
    ]
    assert found == []


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()
