"""From confirmed tables to dashboards that answer: estimate, generate, ask, generate again."""

import time
from collections.abc import Callable
from typing import Any

from apps.artifacts.models import ArtifactVersion, LineageEdge
from apps.audit.models import Entry
from apps.core.actor import Actor
from apps.dashboards.engine.layout import Box
from apps.dashboards.models import Dashboard
from apps.dashboards.selectors import dashboards
from apps.dashboards.services import requests
from tests.support import shop as shops
from tests.support.shop import Shop

Api = Callable[[Actor | None], Any]


def test_every_template_finds_its_cards_in_the_demo_company(boards: dict[str, Dashboard]) -> None:
    assert set(boards) == {"exec_overview", "revenue_volume", "data_health"}
    for board in boards.values():
        assert len(dashboards.cards_of(board)) >= 4, board.title
        assert board.omitted == []


def test_generation_of_all_dashboards_takes_less_than_ten_seconds(shop: Shop, boards: dict[str, Dashboard]) -> None:
    started = time.process_time()  # what else runs on the machine does not count
    run = shops.drive(requests.start(shop.admin, requests.wish_of(shop.admin, shop.datasource.id)).id)
    assert run.status == "succeeded", run.error
    assert time.process_time() - started < 10


def test_cards_stand_beside_each_other_and_never_overlap(boards: dict[str, Dashboard]) -> None:
    for board in boards.values():
        boxes = [Box(card.x, card.y, card.w, card.h) for card in dashboards.cards_of(board)]
        pairs = [(one, other) for at, one in enumerate(boxes) for other in boxes[at + 1 :]]
        assert not any(one.overlaps(other) for one, other in pairs)


def test_the_estimate_sums_all_cards_and_runs_nothing(shop: Shop) -> None:
    before = Entry.objects.filter(outcome="executed").count()
    _, costs = requests.estimate(shop.admin, requests.wish_of(shop.admin, shop.datasource.id, ["exec_overview"]))
    sizes = {card.query_hash: card.bytes for card in costs.cards}
    assert costs.total_bytes == sum(sizes.values()) > 0
    assert Entry.objects.filter(outcome="executed").count() == before


def test_generating_again_updates_the_dashboard_and_makes_no_second_one(
    shop: Shop, boards: dict[str, Dashboard]
) -> None:
    shops.drive(requests.start(shop.admin, requests.wish_of(shop.admin, shop.datasource.id)).id)
    again = {board.template: board for board in Dashboard.objects.all()}
    assert {key: board.id for key, board in again.items()} == {key: board.id for key, board in boards.items()}
    numbers = ArtifactVersion.objects.filter(artifact_id=boards["exec_overview"].artifact_id)
    assert sorted(numbers.values_list("number", flat=True)) == list(range(1, numbers.count() + 1))


def test_every_card_answers_over_the_api_within_its_period(shop: Shop, boards: dict[str, Dashboard], api: Api) -> None:
    client = api(shop.admin)
    for board in boards.values():
        for card in dashboards.cards_of(board):
            answer = client.get(f"/api/v1/dashboards/{board.id}/cards/{card.key}/data")
            assert answer.status_code == 200, (card.key, answer.content)
            body = answer.json()
            assert body["state"] == "ok", (card.key, body["message"])
            assert body["why"]["sql"].startswith("SELECT")
            assert len(body["why"]["query_hash"]) == 64


def test_the_date_filter_changes_what_a_timed_card_answers(shop: Shop, boards: dict[str, Dashboard], api: Api) -> None:
    client, board = api(shop.admin), boards["revenue_volume"]
    key = next(card.key for card in dashboards.cards_of(board) if card.kind == "line")
    address = f"/api/v1/dashboards/{board.id}/cards/{key}/data"
    wide, narrow = client.get(address).json(), client.get(f"{address}?from=2026-11-02&to=2026-11-04").json()
    assert len(wide["chart"]["rows"]) == 14
    assert [row["day"] for row in narrow["chart"]["rows"]] == ["2026-11-02", "2026-11-03", "2026-11-04"]


def test_a_period_without_data_answers_the_empty_state(shop: Shop, boards: dict[str, Dashboard], api: Api) -> None:
    client, board = api(shop.admin), boards["revenue_volume"]
    for card in dashboards.cards_of(board):
        if card.spec["shape"] == "total" and "latest" in card.key:
            continue
        answer = client.get(f"/api/v1/dashboards/{board.id}/cards/{card.key}/data?from=1999-01-01&to=1999-01-07").json()
        assert (answer["state"], answer["message"]) == ("empty", "No data for this period"), card.key


def test_day_boundaries_follow_the_zone_asked_for(shop: Shop, boards: dict[str, Dashboard], api: Api) -> None:
    client, board = api(shop.admin), boards["revenue_volume"]
    key = next(card.key for card in dashboards.cards_of(board) if card.kind == "scalar")
    address = f"/api/v1/dashboards/{board.id}/cards/{key}/data?from=2026-11-02&to=2026-11-02&tz="
    berlin, tokyo = client.get(address + "Europe/Berlin").json(), client.get(address + "Asia/Tokyo").json()
    assert berlin["period"]["starts_at"] == "2026-11-01T23:00:00+00:00"
    assert tokyo["period"]["starts_at"] == "2026-11-01T15:00:00+00:00"
    assert berlin["rows"] != tokyo["rows"]


def test_an_unknown_zone_or_a_broken_day_is_a_clear_400(shop: Shop, boards: dict[str, Dashboard], api: Api) -> None:
    client, board = api(shop.admin), boards["data_health"]
    key = dashboards.cards_of(board)[0].key
    for query in ("tz=Mars/Olympus", "from=yesterday", "from=2026-11-05&to=2026-11-01"):
        answer = client.get(f"/api/v1/dashboards/{board.id}/cards/{key}/data?{query}")
        assert answer.status_code == 400, query
        assert answer["Content-Type"].startswith("application/problem+json")


def test_a_stranger_finds_neither_dashboard_nor_card(boards: dict[str, Dashboard], mallory: Actor, api: Api) -> None:
    client, board = api(mallory), boards["exec_overview"]
    key = dashboards.cards_of(board)[0].key
    assert client.get(f"/api/v1/dashboards/{board.id}").status_code == 404
    assert client.get(f"/api/v1/dashboards/{board.id}/cards/{key}/data").status_code == 404


def test_an_earlier_version_keeps_its_cards_readable(shop: Shop, boards: dict[str, Dashboard], api: Api) -> None:
    client, board = api(shop.admin), boards["exec_overview"]
    version = client.get(f"/api/v1/artifacts/{board.artifact_id}/versions/1").json()
    key = version["content"]["cards"][0]["key"]
    answer = client.get(f"/api/v1/dashboards/{board.id}/cards/{key}/data?version=1")
    assert answer.status_code == 200
    assert answer.json()["why"]["dashboard_version"] == 1


def test_lineage_leads_from_a_column_to_the_dashboard(shop: Shop, boards: dict[str, Dashboard], api: Api) -> None:
    board = boards["revenue_volume"]
    column = LineageEdge.objects.filter(source_kind="column", source_ref__endswith="orders.amount").first()
    assert column is not None
    found = api(shop.admin).get("/api/v1/artifacts/impact", {"kind": "column", "ref": column.source_ref}).json()
    assert str(board.id) in {node["ref"] for node in found["nodes"] if node["kind"] == "dashboard"}


def test_generation_is_in_the_audit_log(boards: dict[str, Dashboard]) -> None:
    assert Entry.objects.filter(action="dashboard.generated", object_id=str(boards["exec_overview"].id)).exists()
