"""What the pages say about parts that do not work: what is wrong, since when, and what still works.

Asked for on every page, so it answers from memory; the parts are probed in the background, at most every 20 s.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from apps.core.actor import Actor
from apps.core.home import Notice
from apps.gateway.contracts import ComponentState, Readiness
from apps.gateway.selectors import readiness

FRESH_SECONDS: Final = 20.0
_WORDS: Final = {
    "redis": ("Live updates and jobs are interrupted.", "Pages and reads go on; jobs start again by themselves."),
    "worker": ("Jobs do not run at the moment.", "What you start waits in line; pages and queries work."),
    "beat": ("Scheduled work is late.", "Everything you start by hand works."),
    "sources": ("Datasource workers do not answer.", "Data already loaded can be used as always."),
    "warehouse": ("The sandbox warehouse does not answer.", "Everything already generated can be read."),
    "realtime": ("Live updates are interrupted.", "Pages work; reload to see what is new."),
}
_pool: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="degraded")


class _Memory:
    """The last finding, when it was asked for, and the question under way."""

    found: tuple[Notice, ...] = ()
    asked_at: float = float("-inf")
    question: "Future[None] | None" = None


def notices(_actor: Actor | None) -> tuple[Notice, ...]:
    """The last finding; a stale one is renewed in the background. Never waits, never asks the database."""
    stale = time.monotonic() - _Memory.asked_at > FRESH_SECONDS
    if stale and (_Memory.question is None or _Memory.question.done()):
        _Memory.asked_at = time.monotonic()
        _Memory.question = _pool.submit(_renew)
    return _Memory.found


def _renew() -> None:
    _Memory.found = worded(readiness.now())


def worded(found: Readiness) -> tuple[Notice, ...]:
    """A notice for each part that does not work."""
    return tuple(_notice(state) for state in found.components if not state.ok)


def _notice(state: ComponentState) -> Notice:
    name = state.name.replace("_", " ")
    title, rest = _WORDS.get(state.name, (f"“{name}” does not work: {state.detail}.", "Everything else works."))
    since = f"Since {state.since:%H:%M} UTC."
    return Notice(title=title, text=" ".join(filter(None, (rest, since, state.remedy))), href="/ready", key=state.name)
