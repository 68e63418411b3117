"""A viewer reads dashboards and memos, and may not make them."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.permissions import Role
from apps.dashboards.models import Dashboard
from apps.dashboards.selectors import dashboards
from apps.tenancy.services import members
from tests.support import cast
from tests.support.shop import Shop


@pytest.fixture
def vera(shop: Shop) -> Actor:
    with tenant_context.entered(None):
        address = f"vera@{shop.tenant.slug}.test"
        members.ensure_member(shop.tenant, email=address, name="Vera", role=Role.VIEWER, password=cast.PASSWORD)
        return cast.actor(address, shop.tenant)


def test_every_page_and_card_opens_for_a_viewer(
    shop: Shop, boards: dict[str, Dashboard], vera: Actor, api: Callable[..., Any], browser_client: Callable[..., Any]
) -> None:
    with tenant_context.entered(None):
        pages = browser_client(vera)
    board = boards["revenue_volume"]
    for path in ("", f"{board.id}/", f"{board.id}/versions/1/"):
        with tenant_context.entered(None):
            answer = pages.get(f"/t/{shop.tenant.slug}/autopilot/dashboards/{path}")
        assert answer.status_code == 200, path
    key = dashboards.cards_of(board)[0].key
    assert api(vera).get(f"/api/v1/dashboards/{board.id}/cards/{key}/data").status_code == 200


def test_a_viewer_is_refused_at_generating_and_estimating(shop: Shop, vera: Actor, api: Callable[..., Any]) -> None:
    body = {"datasource_id": str(shop.datasource.id)}
    for path in ("dashboards/generate", "dashboards/estimate", "memos/generate"):
        assert api(vera).post(f"/api/v1/{path}", body, format="json").status_code == 403, path
