"""Numbers, states and times as people read them."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context

from apps.core.templatetags import atom


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (1234567, "1,234,567"), (12.5, "12.50"), (Decimal("1234.56"), "1,235"), ("", "–")],
)
def test_numbers_are_grouped_and_rounded_to_what_matters(value: object, text: str) -> None:
    assert atom.number(value) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "$0.00"), (0.000123, "$0.000123"), (12.3, "$12.30"), (1234, "$1,234.00")]
)
def test_a_small_cost_is_never_shown_as_nothing(value: float | None, text: str) -> None:
    assert atom.usd(value) == text


@pytest.mark.parametrize(("value", "text"), [(999, "999 B"), (1000, "1.0 KB"), (1_234_567, "1.2 MB"), (None, "–")])
def test_bytes_are_decimal_as_bigquery_bills_them(value: int | None, text: str) -> None:
    assert atom.as_bytes(value) == text


@pytest.mark.parametrize(("value", "text"), [(12, "12 ms"), (1234, "1.2 s"), (61_000, "1 min 1 s")])
def test_durations_take_the_unit_that_fits(value: int, text: str) -> None:
    assert atom.duration(value) == text


def test_a_time_is_written_in_the_viewers_zone_with_the_zone_shown() -> None:
    context = Context({"shell": SimpleNamespace(timezone="Europe/Berlin")})
    html = atom.when(context, datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    assert "2 Jul 2026, 00:30 CEST" in html
    assert 'datetime="2026-07-01T22:30:00+00:00"' in html


def test_an_unknown_state_has_no_colour() -> None:
    assert atom.state_class("running") == "state state-busy"
    assert atom.state_class("something else") == "state"


def test_an_icon_with_a_title_is_named_and_one_without_is_hidden() -> None:
    assert 'aria-hidden="true"' in atom.icon("home")
    assert 'role="img" aria-label="A &lt; B"' in atom.icon("home", "A < B")
