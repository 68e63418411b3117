"""Chromium against the real stack: web and worker processes on the suite's own database.

`open_page(actor, address, width=…, theme=…)` gives a logged-in page that collects script errors and policy violations.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.studio.services import demo
from tests.browser.watching import Watched, watch
from tests.support import cast

# Without a window's surroundings Chromium needs a third less of the machine.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ROOT = Path(__file__).resolve().parents[2]
# Playwright's sync API runs a loop in this thread; fixtures still ask the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
WORKER = ("-m", "celery", "--app", "celery_app", "worker", "--queues", "interactive,default,retries,maintenance",
          "--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat")  # fmt: skip

# As the product serves: hashed and compressed static files, collected into the suite's own state folder.
AS_SERVED = {"ATOM_PROFILE": "embedded", "DJANGO_SETTINGS_MODULE": "atom_project.settings.embedded"}

expect.set_options(timeout=15_000)  # beside another suite, on two cores

FAILED = pytest.StashKey[bool]()
OpenPage = Callable[..., Watched]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(log: Path, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    values = os.environ | AS_SERVED | environment
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=values, stdout=out, stderr=out)


def _collect_static(log: Path) -> None:
    if _start(log, "manage.py", "collectstatic", "--noinput", "--clear").wait(timeout=120):
        pytest.fail(f"the static files could not be collected:\n{log.read_text()[-3000:]}")


def _wait_until_served(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the web process ended at start:\n{log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"{address} is not served after 60 s:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def server(world: dict[str, TenantRef], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running installation with acme's demo tables: the web process and one worker, as the supervisor
    starts them."""
    with tenant_context.entered(world["acme"]):
        demo.load_demo(world["acme"])
    if not (ROOT / "static" / "dist" / "main.js").exists():
        pytest.fail("static/dist is missing: run `make build-static`")
    logs, port = tmp_path_factory.mktemp("stack"), _free_port()
    address = f"http://127.0.0.1:{port}"
    _collect_static(logs / "static.log")
    web = _start(logs / "web.log", "-m", "atom_project.runtime", "web", PORT=str(port), ATOM_PROCESS="web")
    worker = _start(logs / "worker.log", *WORKER, ATOM_PROCESS="worker", REMAP_SIGTERM="SIGQUIT")
    try:
        _wait_until_served(f"{address}/health", web, logs / "web.log")
        yield address
    finally:
        for process in (web, worker):
            process.terminate()
        for process in (web, worker):
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; its absence fails the suite with the command that installs it."""
    found = (os.environ.get("ATOM_CHROMIUM"), *map(shutil.which, BROWSERS))
    binary = next((each for each in found if each), None)
    if binary is None:
        pytest.fail(f"Chromium is missing: apt-get install -y {BROWSERS[0]} (or name one in ATOM_CHROMIUM)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


class Windows:
    """Browser windows by width. One that was given back has forgotten its user, but not the scripts it has loaded."""

    def __init__(self, chromium: Browser, server: str) -> None:
        self._chromium, self._server = chromium, server
        self._free: dict[int, list[BrowserContext]] = {}

    def take(self, actor: Actor | None, width: int, theme: str) -> BrowserContext:
        """A window of that width, logged in as the actor."""
        free = self._free.setdefault(width, [])
        window = free.pop() if free else self._new(width)
        window.add_cookies([{"name": "atom_theme", "value": theme, "url": self._server}])
        if actor is not None:
            session = cast.page_client(actor).cookies["atom_session"].value
            window.add_cookies([{"name": "atom_session", "value": session, "url": self._server, "httpOnly": True}])
        return window

    def give_back(self, window: BrowserContext, width: int) -> None:
        """Close its pages and forget what they kept."""
        last = window.pages[0] if window.pages else window.new_page()
        kept = {"origin": self._server, "storageTypes": "local_storage"}
        window.new_cdp_session(last).send("Storage.clearDataForOrigin", kept)
        for page in window.pages:
            page.close()
        window.clear_cookies()
        window.clear_permissions()
        self._free[width].append(window)

    def _new(self, width: int) -> BrowserContext:
        return self._chromium.new_context(
            viewport={"width": width, "height": 900 if width > 500 else 740},
            base_url=self._server,
            locale="en-GB",
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )


@pytest.fixture(scope="session")
def windows(chromium: Browser, server: str) -> Windows:
    """The suite's windows; they end with the browser."""
    return Windows(chromium, server)


@pytest.fixture
def open_page(windows: Windows, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """`open_page(actor, "data/", width=1440, theme="light")`: a watched page of the actor's workspace.

    A failing test leaves a picture of its pages in test-results/.
    """
    taken: list[tuple[BrowserContext, int]] = []

    def opened(actor: Actor | None, path: str = "", *, width: int = 1440, theme: str = "light") -> Watched:
        window = windows.take(actor, width, theme)
        taken.append((window, width))
        page = watch(window)
        page.page.goto(_address(actor, path))
        return page

    yield opened
    _picture(request, [window.pages[0] for window, _ in taken if window.pages])
    for window, width in taken:
        windows.give_back(window, width)


def _picture(request: pytest.FixtureRequest, pages: Sequence[Page]) -> None:
    if request.node.stash.get(FAILED, False):
        name = re.sub(r"[^A-Za-z0-9-]+", "-", request.node.name)
        for number, page in enumerate(pages):
            page.screenshot(path=ROOT / "test-results" / f"{name}-{number}.png")


def _address(actor: Actor | None, path: str) -> str:
    if actor is None or path.startswith("/"):
        return path if path.startswith("/") else f"/{path}"
    assert actor.tenant is not None
    return f"/t/{actor.tenant.slug}/{path}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures how the test went."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
