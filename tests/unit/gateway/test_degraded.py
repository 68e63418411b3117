"""The banner of degraded parts."""

from datetime import UTC, datetime

from apps.core.components import Mode
from apps.gateway.contracts import ComponentState, Readiness
from apps.gateway.selectors import degraded

AT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def state(name: str, *, ok: bool, remedy: str = "") -> ComponentState:
    """A part as the readiness report knows it."""
    return ComponentState(name, False, Mode.EMBEDDED, ok, "no answer within 2 s", AT, remedy=remedy)


def test_a_part_that_works_says_nothing() -> None:
    assert degraded.worded(Readiness(True, AT, (state("redis", ok=True),))) == ()


def test_a_broken_part_says_what_still_works_since_when_and_what_helps() -> None:
    (notice,) = degraded.worded(Readiness(True, AT, (state("worker", ok=False, remedy="Start a worker."),)))
    assert notice.title == "Jobs do not run at the moment."
    assert "pages and queries work" in notice.text
    assert "Since 09:30 UTC." in notice.text
    assert "Start a worker." in notice.text


def test_an_unknown_part_is_named_with_its_finding() -> None:
    (notice,) = degraded.worded(Readiness(True, AT, (state("object_storage", ok=False),)))
    assert "object storage" in notice.title
    assert "no answer within 2 s" in notice.title
