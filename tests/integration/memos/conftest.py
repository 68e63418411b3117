"""One confirmed shop for all memo tests, with its dashboards generated and the memo of the latest week written."""

from collections.abc import Iterator

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.dashboards.services import requests as dashboard_requests
from apps.memos.models import Memo
from apps.memos.services import requests
from tests.support import shop as shops
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def shop(world: dict[str, TenantRef]) -> Iterator[Shop]:
    with shops.confirmed() as found:
        with tenant_context.entered(found.tenant):
            wish = dashboard_requests.wish_of(found.admin, found.datasource.id)
            shops.drive(dashboard_requests.start(found.admin, wish).id)
        yield found


@pytest.fixture(autouse=True)
def _inside(shop: Shop, mallory: Actor) -> Iterator[None]:
    with tenant_context.entered(shop.tenant):
        yield


@pytest.fixture(scope="module")
def memo(shop: Shop) -> Memo:
    with tenant_context.entered(shop.tenant):
        run = shops.drive(requests.start(shop.admin, shop.datasource.id).id)
        assert run.status == "succeeded", run.error
        return Memo.objects.get()
