"""A page that remembers what went wrong on it: script errors, policy violations, failed requests to our own server."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
_NOTE_VIOLATIONS = """
    window.__violations = [];
    document.addEventListener("securitypolicyviolation", (event) =>
        window.__violations.push(`${event.effectiveDirective}: ${event.blockedURI || "inline"} ${event.sample}`));
"""
_ON_THE_WAY = "[data-behaviour]:not([data-mounted])"
_A_BREATH = 50  # milliseconds in which what was just attached may still fail
_SERIOUS = ("serious", "critical")


@dataclass
class Watched:
    """A page and its troubles."""

    page: Page
    errors: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """What the Content-Security-Policy refused."""
        found: list[str] = self.page.evaluate("window.__violations ?? []")
        return found

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    def wide_elements(self) -> list[str]:
        """What sticks out, for the message of a failing test."""
        found: list[str] = self.page.evaluate(
            """[...document.querySelectorAll("body *")]
                .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table-wrap, pre"))
                .slice(0, 6).map((e) => `${e.tagName}.${e.className}`)"""
        )
        return found

    def accessibility(self) -> list[str]:
        """Serious and critical findings of axe, one line each."""
        self.page.evaluate(AXE)
        report: dict[str, Any] = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations'], rules: {'region': {enabled: false}}})"
        )
        return [
            f"{rule['id']}: {rule['help']} at {node['target']} {node.get('failureSummary', '')[:200]}"
            for rule in report["violations"]
            if rule["impact"] in _SERIOUS
            for node in rule["nodes"][:3]
        ]

    def settle(self) -> None:
        """Wait until everything is loaded and the behaviours are attached."""
        self.page.wait_for_load_state("load")
        expect(self.page.locator(_ON_THE_WAY)).to_have_count(0)
        self.page.wait_for_timeout(_A_BREATH)

    def to_row(self, key: str) -> None:
        """Press `key` until a row has the focus: the script that listens may still be on its way."""
        for _ in range(100):
            self.page.keyboard.press(key)
            if self.page.evaluate("document.activeElement.matches('[data-advice]')"):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("no row took the focus")

    def assert_sound(self) -> None:
        """No script error, nothing refused by the policy."""
        assert self.errors == []
        assert self.violations == []


def watch(context: BrowserContext) -> Watched:
    """A fresh page that collects its troubles."""
    page = context.new_page()
    page.add_init_script(_NOTE_VIOLATIONS)
    watched = Watched(page)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("console", lambda message: _note(watched, message))
    return watched


def _note(watched: Watched, message: ConsoleMessage) -> None:
    # The status of the page itself is checked by the tests; Chromium logs 4xx documents as errors too.
    if message.type == "error" and "Failed to load resource" not in message.text:
        watched.errors.append(message.text)
