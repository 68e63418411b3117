"""One confirmed shop for all dashboard tests, with its dashboards generated once."""

from collections.abc import Iterator

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.dashboards.models import Dashboard
from apps.dashboards.services import requests
from tests.support import shop as shops
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def shop(world: dict[str, TenantRef]) -> Iterator[Shop]:
    with shops.confirmed() as found:
        yield found


@pytest.fixture(autouse=True)
def _inside(shop: Shop, mallory: Actor) -> Iterator[None]:
    with tenant_context.entered(shop.tenant):
        yield


@pytest.fixture(scope="module")
def boards(shop: Shop) -> dict[str, Dashboard]:
    """The generated dashboards by template."""
    with tenant_context.entered(shop.tenant):
        run = shops.drive(requests.start(shop.admin, requests.wish_of(shop.admin, shop.datasource.id)).id)
        assert run.status == "succeeded", run.error
        return {board.template: board for board in Dashboard.objects.all()}
