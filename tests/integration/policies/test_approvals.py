"""Approvals as a state machine: one decider wins, one run takes it, time ends it, and everybody concerned is told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.db import connection

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, NotFound
from apps.core.errors import NeedsApproval as NeedsApprovalError
from apps.core.tenant import TenantRef
from apps.policies.contracts import (
    ApprovalKind,
    Dialect,
    ExecutionRequest,
    Finding,
    Outcome,
    Purpose,
    Subject,
    TargetKind,
)
from apps.policies.models import Approval, ApprovalEvent
from apps.policies.selectors import approvers
from apps.policies.services import approvals
from apps.realtime.connectors import streams
from apps.tenancy.models import Wakeup

SUBJECT = Subject(
    kind=ApprovalKind.RESTORE, type="restore", id="b1", title="Restore the backup of Monday",
    shown={"tables": 12, "rows": 4711},
)  # fmt: skip


@pytest.fixture
def here(acme: TenantRef, alice: Actor, bob: Actor) -> Iterator[TenantRef]:
    with tenant_context.entered(acme):
        yield acme


def request_of(actor: Actor, **options: Any) -> ExecutionRequest:
    values = {"datasource_id": uuid4(), "target": TargetKind.SANDBOX, "purpose": Purpose.READ, **options}
    return ExecutionRequest(actor=actor, connector="sandbox", dialect=Dialect.BIGQUERY, sql="SELECT 1", **values)


def ask(request: ExecutionRequest, kind: ApprovalKind = ApprovalKind.OVER_CAP, *, size: int = 100) -> Approval:
    return approvals.ask(
        request, kinds=(kind,), sql=request.sql, query_hash="a" * 64, estimate_id=None,
        findings=(Finding("bytes_per_query", Outcome.ASK, "It would read 20 GB."),), shown={"estimated_bytes": size},
    )  # fmt: skip


def covers(
    request: ExecutionRequest, row: Approval, kind: ApprovalKind = ApprovalKind.OVER_CAP, size: int = 100
) -> bool:
    named = ExecutionRequest(
        actor=request.actor, connector="sandbox", dialect=request.dialect, sql=request.sql, purpose=request.purpose,
        datasource_id=request.datasource_id, target=request.target, approval_id=row.id,
        idempotency_key=request.idempotency_key,
    )  # fmt: skip
    return approvals.covers(named, kinds=(kind,), query_hash="a" * 64, size=size)


def heard(tenant: TenantRef, topic: str) -> list[Any]:
    """Everything that was said on a topic."""
    rows: Any = streams.client().xrange(streams.Address.of(tenant.id, topic).stream)
    return [orjson.loads(body) for _id, fields in rows for body in fields.values() if body.startswith(b"{")]


def in_threads(tenant: TenantRef, work: list[Any]) -> list[Any]:
    def one(task: Any) -> Any:
        try:
            with tenant_context.entered(tenant):
                return task()
        except Conflict as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(one, work))


def test_exactly_one_of_two_deciders_wins_and_the_other_hears_who(here: TenantRef, alice: Actor, bob: Actor) -> None:
    row = ask(request_of(bob))
    answers = in_threads(
        here,
        [lambda yes=yes: approvals.decide(alice, row.id, approve=yes) for yes in (True, False, True, False)],
    )
    refused = [each for each in answers if isinstance(each, Conflict)]
    assert len(refused) == 3
    row.refresh_from_db()
    assert all(each.code == "APPROVAL_CLOSED" and f"{row.state} by Alice" in each.message for each in refused)
    assert ApprovalEvent.objects.filter(approval=row).count() == 2


def test_two_callers_who_ask_at_once_get_one_approval(here: TenantRef, bob: Actor) -> None:
    request = request_of(bob)
    found = in_threads(here, [lambda: ask(request)] * 4)
    assert len({row.id for row in found}) == 1
    assert ApprovalEvent.objects.filter(approval_id=found[0].id).count() == 1


def test_one_run_takes_the_approval_and_a_failed_one_gives_it_back(here: TenantRef, alice: Actor, bob: Actor) -> None:
    request = request_of(bob)
    row = ask(request)
    approvals.decide(alice, row.id, approve=True)
    named = request_of(bob, datasource_id=request.datasource_id, approval_id=row.id)
    taken = in_threads(here, [lambda: approvals.take(named, ref="r")] * 4)
    assert sorted(taken) == [False, False, False, True]
    assert not covers(request, row)
    approvals.give_back(named)
    assert covers(request, row)


def test_a_retry_under_the_same_key_still_has_its_yes(here: TenantRef, alice: Actor, bob: Actor) -> None:
    request = request_of(bob, idempotency_key="k1")
    row = ask(request)
    approvals.decide(alice, row.id, approve=True)
    named = request_of(bob, datasource_id=request.datasource_id, approval_id=row.id, idempotency_key="k1")
    assert approvals.take(named, ref="r")
    assert covers(request, row)
    assert approvals.take(named, ref="r")


def test_a_yes_is_for_who_asked_for_what_was_shown_and_why(here: TenantRef, alice: Actor, bob: Actor) -> None:
    request = request_of(bob)
    row = ask(request, size=1000)
    approvals.decide(alice, row.id, approve=True)
    assert covers(request, row, size=1100)
    assert not covers(request, row, size=1101)
    assert not covers(request_of(alice, datasource_id=request.datasource_id), row)
    assert not covers(request_of(bob), row)
    assert not covers(request_of(bob, datasource_id=request.datasource_id, purpose=Purpose.WRITE), row)
    assert not covers(request, row, ApprovalKind.PII_CLEAR)


def test_an_estimate_that_has_grown_asks_again(here: TenantRef, bob: Actor) -> None:
    request = request_of(bob)
    first = ask(request, size=100)
    assert ask(request, size=105).id == first.id
    second = ask(request, size=500)
    assert second.id != first.id
    assert Approval.objects.get(id=first.id).state == "withdrawn"


def test_time_ends_an_approval_answered_or_not(here: TenantRef, alice: Actor, bob: Actor) -> None:
    waiting, answered = ask(request_of(bob)), ask(request_of(bob))
    approvals.decide(alice, answered.id, approve=True)
    assert Wakeup.objects.filter(kind="policies.approval", ref=str(waiting.id), due_at=waiting.expires_at).exists()
    with clock.frozen(waiting.expires_at + timedelta(seconds=1)):
        for row in (waiting, answered):
            approvals.expire(str(row.id), here)
            row.refresh_from_db()
            assert row.state == "expired"
    with pytest.raises(Conflict, match="expired"):
        approvals.decide(alice, waiting.id, approve=True)


def test_an_answer_that_comes_after_the_time_is_refused_even_before_the_wake_up(
    here: TenantRef, alice: Actor, bob: Actor
) -> None:
    row = ask(request_of(bob))
    with clock.frozen(row.expires_at + timedelta(seconds=1)), pytest.raises(Conflict, match="expired"):
        approvals.decide(alice, row.id, approve=True)


def test_its_requester_withdraws_it_and_nobody_else(here: TenantRef, alice: Actor, bob: Actor) -> None:
    row = ask(request_of(bob))
    with pytest.raises(NotFound):
        approvals.withdraw(alice, row.id)
    approvals.withdraw(bob, row.id)
    with pytest.raises(Conflict, match="withdrawn"):
        approvals.decide(alice, row.id, approve=True)
    with pytest.raises(Conflict):
        approvals.withdraw(bob, row.id)


def test_what_is_no_query_takes_another_person_and_one_use(here: TenantRef, alice: Actor, bob: Actor) -> None:
    with pytest.raises(NeedsApprovalError) as asked:
        approvals.require(bob, SUBJECT, None)
    row = Approval.objects.get(id=asked.value.extra["approval_id"])
    assert (row.query_hash, row.shown["rows"]) == (SUBJECT.sha256, 4711)
    approvals.decide(alice, row.id, approve=True)
    changed = Subject(
        kind=SUBJECT.kind, type=SUBJECT.type, id=SUBJECT.id, title=SUBJECT.title, shown={"tables": 12, "rows": 9999}
    )
    with pytest.raises(NeedsApprovalError):
        approvals.require(bob, changed, row.id)
    assert approvals.require(bob, SUBJECT, row.id).state == "used"
    with pytest.raises(NeedsApprovalError):
        approvals.require(bob, SUBJECT, row.id)


def test_a_workspace_with_one_approver_is_told_so(here: TenantRef, alice: Actor, bob: Actor) -> None:
    own = ask(request_of(alice), ApprovalKind.PII_CLEAR)
    assert "Nobody else" in approvers.shortage_of(own)
    assert "Nobody else" in approvals.next_steps(own)[0].label
    with pytest.raises(Forbidden):
        approvals.decide(alice, own.id, approve=True)
    assert approvers.shortage_of(ask(request_of(bob), ApprovalKind.PII_CLEAR)) == ""
    assert approvers.shortage_of(ask(request_of(alice), ApprovalKind.OVER_CAP)) == ""


def test_several_are_answered_each_on_its_own(here: TenantRef, alice: Actor, bob: Actor) -> None:
    good, own = ask(request_of(bob)), ask(request_of(alice), ApprovalKind.DESTRUCTIVE)
    missing = uuid4()
    answers = approvals.decide_many(alice, [good.id, own.id, missing, good.id], approve=True)
    assert answers[good.id] == "approved"
    assert "Another person" in answers[own.id]
    assert "no such" in answers[missing]


def test_the_inbox_and_the_bells_are_told_after_commit(here: TenantRef, alice: Actor, bob: Actor) -> None:
    row = ask(request_of(bob))
    approvals.decide(alice, row.id, approve=True)

    def newest(topic: str) -> list[dict[str, Any]]:
        return [message for message in heard(here, topic) if str(row.id) in str(message)]

    assert [each["state"] for each in newest("approvals")] == ["pending", "approved"]
    assert [each["kind"] for each in newest(f"notifications.{alice.id}")] == ["approval.pending"]
    assert [each["kind"] for each in newest(f"notifications.{bob.id}")] == ["approval.approved"]
