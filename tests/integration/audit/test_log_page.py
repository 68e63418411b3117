"""The audit log as a page: search, paging, verification, rights."""

import html
import re
from collections.abc import Callable

from django.test import Client

from apps.audit.models import Entry
from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor

PageClient = Callable[[Actor], Client]
ADDRESS = "/t/acme/operations/audit/"


def _entries(actor: Actor, action: str, number: int) -> None:
    with tenant_context.entered(actor.tenant):
        for index in range(number):
            trail.record(actor, action, object_type="page_test", object_id=f"thing-{index}", summary={"index": index})


def test_entries_are_found_by_action_object_and_person(browser_client: PageClient, alice: Actor) -> None:
    _entries(alice, "pagetest.found", 2)
    client = browser_client(alice)
    for query in ("action=pagetest.f", "object_id=thing-1", "actor=alice&action=pagetest"):
        assert b"pagetest.found" in client.get(f"{ADDRESS}?{query}").content, query
    assert b"No entry matches" in client.get(f"{ADDRESS}?action=pagetest.nothing").content


def test_the_next_page_goes_on_where_the_last_ended(browser_client: PageClient, alice: Actor) -> None:
    _entries(alice, "pagetest.many", 60)
    client = browser_client(alice)
    first = client.get(f"{ADDRESS}?action=pagetest.many").content.decode()
    following = html.unescape(re.findall(r'href="(\?[^"]*cursor=[^"]*)" rel="next"', first)[0])
    second = client.get(ADDRESS + following).content.decode()
    shown = [int(number) for page in (first, second) for number in re.findall(r'class="num muted">(\d+)<', page)]
    assert len(shown) == len(set(shown)) >= 60
    assert shown == sorted(shown, reverse=True)


def test_the_chain_is_verified_on_request(browser_client: PageClient, alice: Actor) -> None:
    response = browser_client(alice).post(f"{ADDRESS}verify", headers={"HX-Request": "true"})
    assert b"Chain verified." in response.content


def test_a_time_that_cannot_be_read_narrows_nothing(browser_client: PageClient, alice: Actor) -> None:
    assert browser_client(alice).get(f"{ADDRESS}?since=2026-99-99T99:99").status_code == 200


def test_members_and_viewers_may_not_read_the_log(browser_client: PageClient, bob: Actor, carol: Actor) -> None:
    assert browser_client(bob).get(ADDRESS).status_code == 403
    assert browser_client(carol).get(ADDRESS).status_code == 403


def test_an_entry_has_a_page_with_what_changed(browser_client: PageClient, alice: Actor, mallory: Actor) -> None:
    with tenant_context.entered(alice.tenant):
        trail.record(alice, "pagetest.diff", object_type="cap", summary={"changes": {"bytes": [10, 20]}, "why": "more"})
        entry = Entry.objects.get(action="pagetest.diff")
    page = browser_client(alice).get(f"{ADDRESS}{entry.id}").content.decode()
    assert "<del>10</del>" in page
    assert "<ins>20</ins>" in page
    assert bytes(entry.hash).hex() in page
    assert browser_client(mallory).get(f"/t/globex/operations/audit/{entry.id}").status_code == 404


def test_what_is_shown_can_be_taken_along_as_a_file(browser_client: PageClient, alice: Actor) -> None:
    _entries(alice, "pagetest.taken", 2)
    client = browser_client(alice)
    page = html.unescape(client.get(f"{ADDRESS}?action=pagetest.taken").content.decode())
    address = re.findall(r'href="([^"]*export\?[^"]*format=jsonl)"', page)[0]
    body = b"".join(client.get(address).streaming_content)  # type: ignore[attr-defined]
    assert len(body.splitlines()) == 2


def test_a_rule_that_may_not_be_comes_back_with_the_form(browser_client: PageClient, alice: Actor) -> None:
    client = browser_client(alice)
    refused = client.post(f"{ADDRESS}retention", {"keep_days": "3"})
    assert refused.status_code == 422
    assert b"30 to 3650 days" in refused.content
    assert client.post(f"{ADDRESS}retention", {"keep_days": "90"}).status_code == 303
