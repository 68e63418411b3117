"""Data nobody has seen: uploads with old dates, foreign words and no users give sensible dashboards and a memo."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.dashboards.models import Dashboard
from apps.dashboards.selectors import dashboards
from apps.dashboards.services import requests as dashboard_requests
from apps.datasources.models import Recommendation
from apps.datasources.services import registry
from apps.memos.models import Memo
from apps.memos.services import requests
from tests.support import cast
from tests.support import shop as shops
from tests.support.shop import Shop

Api = Callable[[Actor | None], Any]
LAST = date(2024, 5, 30)


def sales() -> bytes:
    """Half a year of German sales, semicolons and dotted dates, ending long ago."""
    dice = random.Random(7)
    lines = ["bestell_nr;kunde_id;datum;betrag;land"]
    for number in range(3_000):
        day = LAST - timedelta(days=number % 150)
        figures = f"K{dice.randint(1, 200)};{day:%d.%m.%Y};{dice.random() * 100:.2f};{dice.choice(['DE', 'AT', 'CH'])}"
        lines.append(f"B{number:05};{figures}")
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def own(world: dict[str, TenantRef]) -> Iterator[Shop]:
    with cast.temporary_tenant(timezone="America/New_York") as ref:
        frida = cast.actor(f"frida@{ref.slug}.test", ref)
        client = cast.api_client(frida)
        with tenant_context.entered(ref):
            file = SimpleUploadedFile("bestellungen.csv", sales(), "text/csv")
            body = {"file": file, "table": "bestellungen", "dataset": "mine", "mode": "new"}
            answer = client.post("/api/v1/warehouse/tables", body, format="multipart")
            assert answer.status_code == 201, answer.content
            datasource, _ = registry.connect(frida, name="My files", type_name="sandbox", config={})
            shops.confirm_all(frida, datasource)
            shops.drive(dashboard_requests.start(frida, dashboard_requests.wish_of(frida, datasource.id)).id)
            shops.drive(requests.start(frida, datasource.id).id)
        yield Shop(ref, frida, datasource)


@pytest.fixture(autouse=True)
def _inside(own: Shop) -> Iterator[None]:
    with tenant_context.entered(own.tenant):
        yield


@pytest.fixture(autouse=True)
def shop(own: Shop) -> Shop:
    return own


def test_the_one_table_is_understood_and_confirmed(own: Shop) -> None:
    [row] = Recommendation.objects.filter(datasource=own.datasource)
    assert (row.role, row.fields.time_column, row.fields.amount_column) == ("transaction", "datum", "betrag")


def test_dashboards_open_where_the_data_ended_and_every_card_answers(own: Shop, api: Api) -> None:
    boards = {board.template: board for board in Dashboard.objects.all()}
    assert set(boards) == {"revenue_volume", "data_health"}
    for board in boards.values():
        for card in dashboards.cards_of(board):
            answer = api(own.admin).get(f"/api/v1/dashboards/{board.id}/cards/{card.key}/data").json()
            assert answer["state"] == "ok", (card.title, answer)
            assert answer["period"]["to"] == LAST.isoformat()


def test_the_memo_reports_the_last_week_the_data_holds_and_says_so(own: Shop, api: Api) -> None:
    memo = Memo.objects.get()
    assert memo.last_day == LAST
    body = api(own.admin).get(f"/api/v1/memos/{memo.id}").json()
    assert any("data ends on 30 May 2024" in line["text"] for line in body["rendered"]["data_quality"])
    assert body["validation"]["status"] == "passed"
    assert {change["metric"] for change in body["document"]["key_changes"]} >= {"betrag", "bestellungen"}
