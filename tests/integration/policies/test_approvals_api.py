"""The approvals inbox by API: who sees, who says yes, and that a stranger's id does not exist."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.policies.contracts import ApprovalKind, Dialect, ExecutionRequest, Finding, Outcome, Purpose, TargetKind
from apps.policies.models import Approval
from apps.policies.services import approvals

Api = Callable[[Actor | None], Any]


def asked_by(actor: Actor, kind: ApprovalKind) -> Approval:
    assert actor.tenant is not None
    request = ExecutionRequest(
        actor=actor, connector="sandbox", dialect=Dialect.BIGQUERY, sql="SELECT 1", purpose=Purpose.READ,
        datasource_id=uuid4(), target=TargetKind.SANDBOX,
    )  # fmt: skip
    with tenant_context.entered(actor.tenant):
        return approvals.ask(
            request, kinds=(kind,), sql="SELECT 1", query_hash=uuid4().hex * 2, estimate_id=None,
            findings=(Finding("bytes_per_query", Outcome.ASK, "It would read 20 GB."),),
        )  # fmt: skip


def test_an_admin_approves_what_a_member_asked(api: Api, alice: Actor, bob: Actor) -> None:
    row = asked_by(bob, ApprovalKind.PII_CLEAR)
    listed = api(bob).get("/api/v1/approvals?state=pending").json()["items"]
    assert str(row.id) in {item["id"] for item in listed}
    answer = api(alice).post(f"/api/v1/approvals/{row.id}/approve", {"comment": "fine"})
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["comment"]) == ("approved", "fine")
    assert api(alice).post(f"/api/v1/approvals/{row.id}/reject", {}).status_code == 409


def test_four_eyes_for_all_but_cost(api: Api, alice: Actor) -> None:
    assert (
        api(alice).post(f"/api/v1/approvals/{asked_by(alice, ApprovalKind.PII_CLEAR).id}/approve", {}).status_code
        == 403
    )
    assert (
        api(alice).post(f"/api/v1/approvals/{asked_by(alice, ApprovalKind.OVER_CAP).id}/approve", {}).status_code == 200
    )


def test_a_member_may_not_decide(api: Api, bob: Actor) -> None:
    row = asked_by(bob, ApprovalKind.OVER_CAP)
    assert api(bob).post(f"/api/v1/approvals/{row.id}/approve", {}).status_code == 403


@pytest.mark.parametrize("path", ["", "/approve", "/reject"])
def test_a_stranger_finds_nothing(api: Api, bob: Actor, mallory: Actor, path: str) -> None:
    row = asked_by(bob, ApprovalKind.OVER_CAP)
    client = api(mallory)
    address = f"/api/v1/approvals/{row.id}{path}"
    assert (client.post(address, {}) if path else client.get(address)).status_code == 404


def test_costs_answer_with_the_hour(api: Api, alice: Actor, bob: Actor) -> None:
    answer = api(alice).get("/api/v1/costs")
    assert answer.status_code == 200
    assert answer.json()["hour"]["budget"] == 200_000_000_000
    assert api(bob).get("/api/v1/costs").status_code == 403
