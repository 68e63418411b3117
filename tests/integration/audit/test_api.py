"""The audit trail for programs: filters, pages of constant cost, export, verification, retention."""

import csv
import io
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import Entry
from apps.audit.selectors import entries
from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef

Api = Callable[[Actor | None], Any]
AUDIT = "/api/v1/audit"


@pytest.fixture(scope="module")
def planted(world: dict[str, TenantRef]) -> str:
    """Entries of one action, object and request, by alice from an address of her own."""
    from tests.support import cast  # noqa: PLC0415 - needs Django set up

    acme = world["acme"]
    alice = cast.actor("alice@acme.test", acme).with_request("req-planted-1")
    with tenant_context.entered(acme), trail.asked_from("198.51.100.23"):
        for index in range(5):
            trail.record(
                alice,
                "planted.changed",
                object_type="plant",
                object_id=f"p-{index}",
                decision="allow",
                outcome="refused" if index == 4 else "ok",
                summary={"changes": {"height": [index, index + 1]}},
            )
    return "planted."


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({}, 5),
        ({"object_type": "plant"}, 5),
        ({"object_id": "p-3"}, 1),
        ({"outcome": "refused"}, 1),
        ({"decision": "allow"}, 5),
        ({"request_id": "req-planted-1"}, 5),
        ({"actor": "alice"}, 5),
        ({"actor": "198.51.100.23"}, 5),
        ({"actor": "system"}, 0),
        ({"actor": "nobody@nowhere"}, 0),
        ({"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}, 5),
        ({"until": "2020-01-01T00:00:00Z"}, 0),
        ({"since": "2100-01-01T00:00:00Z"}, 0),
    ],
    ids=str,
)
def test_entries_are_found_by(api: Api, alice: Actor, planted: str, query: dict[str, str], number: int) -> None:
    answer = api(alice).get(AUDIT, {"action": planted, **query})
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["items"]) == number


def test_an_actor_is_also_found_by_id_and_by_pseudonym(api: Api, alice: Actor, planted: str) -> None:
    first = api(alice).get(AUDIT, {"action": planted}).json()["items"][0]
    assert first["actor"] == "alice@acme.test"
    assert first["address"] == "198.51.100.23"
    for actor in (str(alice.id), first["actor_ref"]):
        assert len(api(alice).get(AUDIT, {"action": planted, "actor": actor}).json()["items"]) == 5


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"limit": "0"}, {"wat": "1"}, {"cursor": "forged"}])
def test_a_filter_that_cannot_be_read_is_told(api: Api, alice: Actor, query: dict[str, str]) -> None:
    answer = api(alice).get(AUDIT, query)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_a_page_costs_the_same_number_of_queries_at_any_length(acme: TenantRef, alice: Actor, planted: str) -> None:
    counts = []
    with tenant_context.entered(acme):
        for limit in (1, 5):
            with CaptureQueriesContext(connection) as queries:
                page = entries.list_entries_for(alice, entries.EntryFilter(action=planted, actor="alice"), limit=limit)
                entries.labels_of(page.items)
            counts.append(len(queries))
    assert counts == [4, 4], "people, actions, the page, its names"


def test_an_export_holds_every_match_once_in_csv_and_in_json_lines(api: Api, alice: Actor, planted: str) -> None:
    asked = {"action": planted}
    answer = api(alice).get(f"{AUDIT}/export", {**asked, "format": "csv"})
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    lines = b"".join(api(alice).get(f"{AUDIT}/export", asked).streaming_content).splitlines()
    assert [row["object_id"] for row in rows] == [f"p-{index}" for index in (4, 3, 2, 1, 0)]
    assert [orjson.loads(line)["object_id"] for line in lines] == [row["object_id"] for row in rows]
    assert orjson.loads(rows[0]["summary"]) == {"changes": {"height": [4, 5]}}


def test_an_export_is_on_record_with_the_filters_it_had(api: Api, alice: Actor, acme: TenantRef, planted: str) -> None:
    b"".join(api(alice).get(f"{AUDIT}/export", {"action": planted, "format": "csv"}).streaming_content)
    with tenant_context.entered(acme):
        newest = Entry.objects.filter(action="audit.exported").order_by("-seq")[0]
    assert newest.summary == {"format": "csv", "filters": ["action"]}


def test_no_cell_of_an_export_is_a_formula(api: Api, alice: Actor, acme: TenantRef) -> None:
    with tenant_context.entered(acme):
        trail.record(alice, "formula.test", object_type="=cmd|' /C calc'!A0", object_id="@SUM(1)")
    answer = api(alice).get(f"{AUDIT}/export", {"action": "formula.", "format": "csv"})
    row = next(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert row["object_type"].startswith("'=")
    assert row["object_id"] == "'@SUM(1)"


def test_batches_of_an_export_join_without_gap_or_double(
    acme: TenantRef, alice: Actor, planted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "BATCH", 2)
    with tenant_context.entered(acme):
        found = [
            e.object_id
            for batch in entries.stream_entries_for(alice, entries.EntryFilter(action=planted))
            for e in batch
        ]
    assert found == ["p-4", "p-3", "p-2", "p-1", "p-0"]


def test_verification_says_what_is_proven(api: Api, alice: Actor) -> None:
    body = api(alice).get(f"{AUDIT}/verify").json()
    assert body["whole"] is True
    assert body["first_broken"] is None
    assert body["entries"] == body["last_seq"]


def test_the_rule_of_retention_is_read_and_changed_on_record(api: Api, fresh_tenant: TenantRef, bob: Actor) -> None:
    from tests.support import cast  # noqa: PLC0415 - needs Django set up

    frida = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)
    client = api(frida)
    assert client.get(f"{AUDIT}/retention").json() == {"keep_days": 90, "legal_hold": False}
    assert client.put(f"{AUDIT}/retention", {"keep_days": 5}).status_code == 400
    assert client.put(f"{AUDIT}/retention", {"keep_days": 365, "legal_hold": True}).status_code == 200
    assert client.get(f"{AUDIT}/retention").json() == {"keep_days": 365, "legal_hold": True}
    with tenant_context.entered(fresh_tenant):
        changes = Entry.objects.get(action="audit.retention_changed").summary["changes"]
    assert changes == {"keep_days": [90, 365], "legal_hold": [False, True]}
    assert api(bob).put(f"{AUDIT}/retention", {"keep_days": 100}).status_code == 403


@pytest.mark.parametrize("path", ["", "/export", "/verify", "/retention"])
def test_members_and_strangers_read_nothing_of_it(api: Api, bob: Actor, path: str) -> None:
    assert api(bob).get(AUDIT + path).status_code == 403
    assert api(None).get(AUDIT + path).status_code == 401
