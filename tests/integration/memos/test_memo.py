"""The weekly memo over the demo company: figures equal the dashboards', hold when computed again, are written once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.artifacts.models import ArtifactVersion
from apps.audit.models import Entry
from apps.core import clock
from apps.core.actor import Actor
from apps.dashboards.models import Dashboard
from apps.memos.models import Memo, MemoAttempt
from apps.memos.services import requests
from tests.support import shop as shops
from tests.support.shop import Shop

Api = Callable[[Actor | None], Any]


def test_the_memo_reports_the_latest_seven_complete_days_in_the_tenants_zone(memo: Memo) -> None:
    assert memo.tz == "Europe/Berlin"
    assert (memo.last_day - memo.first_day).days == 6
    assert memo.last_day <= (clock.now() - timedelta(days=1)).date()
    assert memo.validation_status == "passed"


def test_a_memo_of_an_earlier_week_is_written_when_asked_for(shop: Shop, memo: Memo) -> None:
    last_day = memo.last_day - timedelta(days=14)
    run = shops.drive(requests.start(shop.admin, shop.datasource.id, week=last_day.isoformat()).id)
    assert run.status == "succeeded", run.error
    assert Memo.objects.filter(last_day=last_day).exists()


def test_every_figure_equals_its_dashboard_card_for_the_same_week(shop: Shop, memo: Memo, api: Api) -> None:
    client = api(shop.admin)
    packet = client.get(f"/api/v1/memos/{memo.id}/packet").json()["packet"]
    board = Dashboard.objects.get(template="revenue_volume")
    window = packet["window"]["current"]
    titles = {card.title: card.key for card in board.cards.filter(kind="scalar")}
    compared = 0
    for figure in packet["kpi"].values():
        if figure["label"] not in titles:
            continue
        query = f"?from={window['from']}&to={window['to']}&tz={window['tz']}"
        card = client.get(f"/api/v1/dashboards/{board.id}/cards/{titles[figure['label']]}/data{query}").json()
        shown = card["chart"]["rows"][0]
        for period in ("current", "previous"):  # the packet's four places, rounded as decimals
            assert figure[period] == pytest.approx(shown[period], rel=0, abs=0.000051), figure["label"]
        compared += 1
    assert compared >= 3


def test_every_segment_adds_up_to_its_figure(shop: Shop, memo: Memo, api: Api) -> None:
    packet = api(shop.admin).get(f"/api/v1/memos/{memo.id}/packet").json()["packet"]
    split = [(figure, segment) for figure in packet["kpi"].values() for segment in figure["segments"]]
    assert split
    for figure, segment in split:
        total = sum(part["delta_abs"] for part in segment["parts"])
        assert abs(total - figure["delta_abs"]) < 0.01, (figure["label"], segment["dimension"])


def test_the_rendered_text_holds_no_open_slot(shop: Shop, memo: Memo, api: Api) -> None:
    rendered = api(shop.admin).get(f"/api/v1/memos/{memo.id}").json()["rendered"]
    assert rendered["headline"]
    assert "{{" not in str(rendered)


def test_a_figure_computed_again_says_that_it_holds(shop: Shop, memo: Memo, api: Api) -> None:
    client = api(shop.admin)
    packet = client.get(f"/api/v1/memos/{memo.id}/packet").json()["packet"]
    for key in packet["order"]:
        for field in ("current", "previous", "delta_abs", "delta_pct"):
            path = f"kpi.{key}.{field}"
            answer = client.post(f"/api/v1/memos/{memo.id}/recheck", {"path": path}, format="json").json()
            assert answer["holds"] is True, (path, answer)
        if packet["kpi"][key]["segments"]:
            path = f"kpi.{key}.segments.0.parts.0.share"
            answer = client.post(f"/api/v1/memos/{memo.id}/recheck", {"path": path}, format="json").json()
            assert answer["holds"] is True, (path, answer)


def test_a_path_without_a_figure_is_refused(shop: Shop, memo: Memo, api: Api) -> None:
    for path in (
        "kpi.revenue.label",
        "kpi.nothing.current",
        "window.current.from",
        "kpi.revenue.segments.99.parts.0.share",
    ):
        answer = api(shop.admin).post(f"/api/v1/memos/{memo.id}/recheck", {"path": path}, format="json")
        assert answer.status_code == 400, path


def test_the_same_week_again_adds_no_version_and_no_second_memo(shop: Shop, memo: Memo) -> None:
    before = ArtifactVersion.objects.filter(artifact_id=memo.artifact_id).count()
    week = memo.last_day.isoformat()
    run = shops.drive(requests.start(shop.admin, shop.datasource.id, week=week).id)
    assert run.status == "succeeded", run.error
    assert Memo.objects.filter(last_day=memo.last_day).count() == 1
    assert ArtifactVersion.objects.filter(artifact_id=memo.artifact_id).count() == before


def test_week_over_week_equals_the_difference_of_the_two_packets(shop: Shop, memo: Memo, api: Api) -> None:
    week = (memo.last_day - timedelta(days=7)).isoformat()
    shops.drive(requests.start(shop.admin, shop.datasource.id, week=week).id)
    client = api(shop.admin)
    earlier = Memo.objects.get(last_day=memo.last_day - timedelta(days=7))
    found = client.get(f"/api/v1/memos/{memo.id}/wow").json()
    packets = [client.get(f"/api/v1/memos/{known.id}/packet").json() for known in (memo, earlier)]
    assert found["previous"]["sha256"] == packets[1]["sha256"]
    for row in found["rows"]:
        now, before = (packet["packet"]["kpi"][row["metric"]]["current"] for packet in packets)
        assert (row["current"], row["previous"]) == (now, before)
        assert abs(row["delta_abs"] - (now - before)) < 0.001


def test_planted_missing_days_are_in_the_notes_of_their_week(shop: Shop, api: Api) -> None:
    from apps.datasources.selectors import catalog  # noqa: PLC0415 - read where it is used

    events = next(t for t in catalog.confirmed_models(shop.tenant, shop.datasource.id) if t.name == "events")
    missing = max(events.missing_days)
    from datetime import date  # noqa: PLC0415

    week = (date.fromisoformat(missing) + timedelta(days=2)).isoformat()
    shops.drive(requests.start(shop.admin, shop.datasource.id, week=week).id)
    found = Memo.objects.get(last_day=week)
    notes = api(shop.admin).get(f"/api/v1/memos/{found.id}/packet").json()["packet"]["data_quality"]
    assert any(note["kind"] == "missing_days" and missing in note["days"] for note in notes)


def test_each_attempt_is_kept_with_its_findings(memo: Memo) -> None:
    [attempt] = MemoAttempt.objects.filter(memo=memo)
    assert attempt.accepted
    assert attempt.findings == []


def test_a_week_that_is_not_over_is_refused(shop: Shop, api: Api) -> None:
    body = {"datasource_id": str(shop.datasource.id), "week": "2999-01-04"}
    answer = api(shop.admin).post("/api/v1/memos/generate", body, format="json")
    assert answer.status_code == 409


def test_a_stranger_finds_no_memo(memo: Memo, mallory: Actor, api: Api) -> None:
    for tail in ("", "/packet", "/wow"):
        assert api(mallory).get(f"/api/v1/memos/{memo.id}{tail}").status_code == 404


def test_the_memo_is_in_the_audit_log_with_its_hash(memo: Memo) -> None:
    entry = Entry.objects.filter(action="memo.generated", object_id=str(memo.id)).first()
    assert entry is not None
    assert entry.summary["packet_sha256"] == memo.packet_sha256
