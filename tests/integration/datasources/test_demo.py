"""The demo company: size, seasonality, what is planted, and that it ends yesterday."""

from datetime import timedelta

import pytest

from apps.core import clock, tenant
from apps.core.tenant import TenantRef
from apps.datasources.engine.demo import tables
from apps.datasources.selectors import warehouse
from apps.datasources.services import demo


@pytest.fixture(scope="module")
def shop(world: dict[str, TenantRef]) -> TenantRef:
    """Acme with the demo company at full scale."""
    demo.load_demo(world["acme"])
    return world["acme"]


def test_demo_holds_a_million_events_over_half_a_year_and_ends_yesterday(shop: TenantRef) -> None:
    with tenant.entered(shop):
        events = warehouse.load().find("events", "shop")
    assert events is not None
    days = sorted(file.partition for file in events.files if file.partition)
    assert events.rows >= 1_000_000
    assert days[-1] == clock.now().date() - timedelta(days=1)
    assert (days[-1] - days[0]).days >= 180


def test_two_days_without_events_are_planted(shop: TenantRef) -> None:
    with tenant.entered(shop):
        events = warehouse.load().find("events", "shop")
    assert events is not None
    days = {file.partition for file in events.files}
    last = max(day for day in days if day)
    assert [day for day in tables.missing_days(last) if day in days] == []
    assert len(days) == tables.DAYS - 2
