"""Approvals, costs, decisions and policies as pages: forms without scripts, the right buttons for each person."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.services import registry
from apps.policies.contracts import ApprovalKind, Subject
from apps.policies.engine.limits import GIGABYTE
from apps.policies.models import Approval
from apps.policies.services import approvals, settings

Pages = Callable[[Actor], Client]


def path(tenant: TenantRef, rest: str) -> str:
    return f"/t/{tenant.slug}/{rest}"


@pytest.fixture
def row(acme: TenantRef, bob: Actor) -> Approval:
    subject = Subject(
        kind=ApprovalKind.MIGRATION, type="migration", id=uuid4().hex, title="Add a column",
        shown={"diff": "+ phone text"}, text="ALTER TABLE people ADD COLUMN phone text",
    )  # fmt: skip
    with tenant_context.entered(acme):
        return approvals.ask_about(bob, subject)


def test_an_approver_sees_the_diff_and_answers(
    acme: TenantRef, alice: Actor, browser_client: Pages, row: Approval
) -> None:
    client = browser_client(alice)
    assert row.title in client.get(path(acme, "operations/approvals/")).content.decode()
    page = client.get(path(acme, f"operations/approvals/{row.id}/")).content.decode()
    assert "+ phone text" in page
    assert row.query_hash in page
    decide = path(acme, f"operations/approvals/{row.id}/decide")
    assert client.post(decide, {"answer": "approve", "comment": "fine"}).status_code == 303
    late = client.post(decide, {"answer": "reject", "comment": "my long text"})
    assert late.status_code == 409
    assert "it is approved by Alice" in late.content.decode()


def test_its_requester_sees_who_may_answer_and_can_withdraw(
    acme: TenantRef, bob: Actor, browser_client: Pages, row: Approval
) -> None:
    client = browser_client(bob)
    page = client.get(path(acme, f"operations/approvals/{row.id}/")).content.decode()
    assert "Alice" in page
    assert "/decide" not in page
    assert client.post(path(acme, f"operations/approvals/{row.id}/withdraw")).status_code == 303
    with tenant_context.entered(acme):
        assert Approval.objects.get(id=row.id).state == "withdrawn"


def test_an_approved_query_runs_from_its_page_for_its_requester_alone(
    acme: TenantRef, alice: Actor, bob: Actor, browser_client: Pages, api: Any
) -> None:
    with tenant_context.entered(acme):
        source, _ = registry.connect(
            alice, name=f"P {uuid4().hex[:8]}", type_name="sandbox",
            config={"mock": {"bytes_scanned_estimate": 20 * GIGABYTE}},
        )  # fmt: skip
    body = {"sql": "SELECT 41 + 1 AS answer", "datasource_id": str(source.id)}
    asked = api(bob).post("/api/v1/queries/run", body).json()["approval_id"]
    with tenant_context.entered(acme):
        approvals.decide(alice, asked, approve=True)
    run = path(acme, f"data/approved/{asked}")
    assert "Run it now" in browser_client(bob).get(path(acme, f"operations/approvals/{asked}/")).content.decode()
    assert browser_client(alice).post(run).status_code == 404
    answer = browser_client(bob).post(run)
    assert answer.status_code == 200
    assert "<td>42</td>" in answer.content.decode()
    assert browser_client(bob).post(run).status_code == 409


def test_several_are_answered_from_the_list(
    acme: TenantRef, alice: Actor, browser_client: Pages, row: Approval
) -> None:
    client = browser_client(alice)
    answer = client.post(
        path(acme, "operations/approvals/decide"),
        {"answer": "reject", "id": [str(row.id), "nonsense"], "comment": "no"},
    )
    assert answer.status_code == 303
    with tenant_context.entered(acme):
        assert Approval.objects.get(id=row.id).state == "rejected"


def test_the_inbox_is_searched_and_filtered(
    acme: TenantRef, alice: Actor, browser_client: Pages, row: Approval
) -> None:
    client, inbox = browser_client(alice), path(acme, "operations/approvals/")
    assert str(row.id) in client.get(f"{inbox}?q=column phone").content.decode()
    assert str(row.id) in client.get(f"{inbox}?kind=migration&state=pending").content.decode()
    assert str(row.id) not in client.get(f"{inbox}?kind=restore").content.decode()
    assert "No approval matches" in client.get(f"{inbox}?q=zzzz").content.decode()


@pytest.fixture
def outside(frida: Actor) -> Iterator[Actor]:
    """The admin of the module's tenant, with no tenant entered, as at the door."""
    with tenant_context.entered(None):
        yield frida


def test_settings_answer_422_at_the_field_and_303_on_success(
    shared_tenant: TenantRef, outside: Actor, browser_client: Pages
) -> None:
    client, address = browser_client(outside), path(shared_tenant, "settings/policies/")
    page = client.get(address).content.decode()
    assert 'value="10"' in page
    with tenant_context.entered(shared_tenant):
        version = settings.stored().version
    bad = client.post(address, {"version": version, "bytes_per_query": "500", "timeout_ms": "soon"})
    assert bad.status_code == 422
    text = bad.content.decode()
    assert 'value="soon"' in text
    assert "Write a number" in text
    bad = client.post(address, {"version": version, "bytes_per_query": "500"})
    assert "Choose from 0.001 to 100 GB." in bad.content.decode()
    good = client.post(address, {"version": version, "bytes_per_query": "7.5", "hard_caps": ["bytes"]})
    assert good.status_code == 303
    with tenant_context.entered(shared_tenant):
        row = settings.stored()
        assert (row.bytes_per_query, row.hard_caps) == (7_500_000_000, ["bytes"])
    late = client.post(address, {"version": version, "bytes_per_query": "8"})
    assert (late.status_code, "Somebody changed" in late.content.decode()) == (409, True)
    back = client.post(path(shared_tenant, f"settings/policies/versions/{version}/restore"), {"version": version + 1})
    assert back.status_code == 303


def test_a_member_reads_the_policies_and_changes_none(acme: TenantRef, bob: Actor, browser_client: Pages) -> None:
    client, address = browser_client(bob), path(acme, "settings/policies/")
    assert "disabled" in client.get(address).content.decode()
    assert client.post(address, {"version": 1, "join_depth": "9"}).status_code == 403


@pytest.mark.parametrize(
    "page",
    [
        "operations/costs/", "operations/costs/?period=24h&state=lost&person=x&since=bad", "operations/costs/hour",
        "operations/costs/export", "operations/decisions/", "operations/decisions/?rule=join_depth&who=bob&until=bad",
        "settings/policies/",
    ],
)  # fmt: skip
def test_each_page_opens_whatever_the_filter_says(
    acme: TenantRef, alice: Actor, browser_client: Pages, page: str
) -> None:
    assert browser_client(alice).get(path(acme, page)).status_code == 200
