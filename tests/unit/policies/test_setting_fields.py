"""Settings in the units people read."""

from decimal import Decimal

import pytest

from apps.policies.engine.setting_fields import BY_NAME, SETTINGS, Kind, checked, from_units, in_units, quantity


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("bytes_per_query", "5", 5_000_000_000),
        ("bytes_per_query", "0.25", 250_000_000),
        ("bytes_per_hour", "1,000", 1_000_000_000_000),
        ("timeout_ms", "90", 90_000),
        ("usd_per_terabyte", "6.25", Decimal("6.25")),
        ("join_depth", " 7 ", 7),
    ],
)
def test_what_is_typed_becomes_base_units_and_is_shown_the_same(name: str, typed: str, stored: object) -> None:
    setting = BY_NAME[name]
    value = checked(setting, from_units(setting, typed))
    assert value == stored
    assert Decimal(in_units(setting, value)) == Decimal(typed.strip().replace(",", ""))


@pytest.mark.parametrize(
    ("name", "raw", "stored"),
    [
        ("bytes_per_query", "5 GB", 5_000_000_000), ("bytes_per_query", "750MB", 750_000_000),
        ("bytes_per_query", 12_000_000, 12_000_000), ("timeout_ms", "2 min", 120_000), ("timeout_ms", "1.5s", 1_500),
    ],
)  # fmt: skip
def test_the_api_takes_base_units_or_a_unit(name: str, raw: int | str, stored: int) -> None:
    assert checked(BY_NAME[name], quantity(BY_NAME[name], raw)) == stored


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("bytes_per_query", "101 GB"), ("bytes_per_query", "0"), ("bytes_per_query", "5 parsecs"),
        ("bytes_per_query", "-1 GB"), ("timeout_ms", "0.5 s"), ("join_depth", "2.5"), ("join_depth", "5 GB"),
        ("row_limit", "10\u00a0000"), ("row_limit", ""), ("row_limit", "nan"), ("row_limit", "١٢"),
        ("usd_per_terabyte", "1e999999"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence(name: str, raw: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        checked(BY_NAME[name], quantity(BY_NAME[name], raw))


@pytest.mark.parametrize("typed", ["", "ten", "inf", "NaN", "1e999999999", "1,5", "1.000,5", "9" * 400])
def test_what_is_no_number_is_refused_in_the_form(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        checked(BY_NAME["row_limit"], from_units(BY_NAME["row_limit"], typed))


def test_every_setting_tells_its_range_in_its_unit() -> None:
    assert BY_NAME["bytes_per_query"].range == "0.001 to 100 GB"
    assert all(setting.range for setting in SETTINGS if setting.kind not in (Kind.CAPS, Kind.SWITCH))
