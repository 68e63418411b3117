"""The gate with real Redis and Postgres: order, price, approval, budget, refusals as answers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest

from apps.core.actor import Actor
from apps.core.errors import Forbidden, InvalidInput, LimitReached, PolicyViolation
from apps.core.errors import NeedsApproval as NeedsApprovalError
from apps.core.redis import client
from apps.core.tenant import TenantRef
from apps.policies.contracts import (
    Allow,
    ApprovalKind,
    Block,
    Dialect,
    Estimate,
    ExecutionRequest,
    NeedsApproval,
    Purpose,
    Refusal,
    Rewrite,
    TargetKind,
)
from apps.policies.engine.limits import GIGABYTE
from apps.policies.models import Approval, CostEstimate, LedgerEntry, LedgerState
from apps.policies.services import approvals, budget, gate, ledger

Enter = Callable[[TenantRef], AbstractContextManager[None]]


@dataclass
class Meter:
    """An engine that bills what the test says."""

    bytes: int
    billed_by_bytes: bool = True
    asked: int = 0

    def estimate(self, sql: str) -> Estimate:
        self.asked += 1
        if "no_such" in sql:
            raise InvalidInput("Table no_such was not found.")
        return Estimate(self.bytes)


@pytest.fixture
def here(clean_tenant: TenantRef) -> TenantRef:
    return clean_tenant


@pytest.fixture
def frida(here: TenantRef) -> Actor:
    return Actor.system(here, "frida")


def ask(actor: Actor, sql: str = "SELECT 1 AS x", **options: object) -> ExecutionRequest:
    values = {"target": TargetKind.SANDBOX, "datasource_id": uuid4(), "purpose": Purpose.READ, **options}
    return ExecutionRequest(actor=actor, connector="sandbox", dialect=Dialect.BIGQUERY, sql=sql, **values)  # type: ignore[arg-type]


def test_a_read_is_priced_reserved_and_settled(frida: Actor, here: TenantRef) -> None:
    decision = gate.decide(ask(frida, "SELECT id FROM shop.orders"), estimator=Meter(2 * GIGABYTE))
    assert isinstance(decision, Rewrite)
    assert decision.sql == "SELECT id FROM shop.orders LIMIT 10000"
    assert decision.estimate is not None
    assert str(decision.estimate.usd) == "0.010000"
    assert CostEstimate.objects.get(id=decision.estimate_id).bytes == 2 * GIGABYTE
    assert decision.max_bytes_billed == int(2.2 * GIGABYTE)
    assert budget.look(here.id, size=0, budget=200 * GIGABYTE).bytes_used == 2 * GIGABYTE
    ledger.settle(decision, actual_bytes=GIGABYTE, duration_ms=5)
    entry = LedgerEntry.objects.get(estimate_id=decision.estimate_id)
    assert (entry.state, entry.actual_bytes) == (LedgerState.SETTLED, GIGABYTE)
    assert budget.look(here.id, size=0, budget=200 * GIGABYTE).bytes_used == GIGABYTE


def test_a_failure_gives_the_bytes_back(frida: Actor, here: TenantRef) -> None:
    decision = gate.require_permit(gate.decide(ask(frida), estimator=Meter(GIGABYTE)))
    ledger.release(decision)
    assert budget.look(here.id, size=0, budget=GIGABYTE).bytes_used == 0


def test_over_the_cap_asks_and_the_approval_binds_to_the_statement(frida: Actor) -> None:
    request = ask(frida)
    decision = gate.decide(request, estimator=Meter(20 * GIGABYTE))
    assert isinstance(decision, NeedsApproval)
    assert decision.kinds == (ApprovalKind.OVER_CAP,)
    approvals.confirm_own(frida, decision.approval_id)  # type: ignore[arg-type]
    assert Approval.objects.get(id=decision.approval_id).state == "approved"
    again = ask(frida, datasource_id=request.datasource_id, approval_id=decision.approval_id)
    assert isinstance(gate.decide(again, estimator=Meter(20 * GIGABYTE)), Allow)
    other = ask(frida, "SELECT 2 AS x", datasource_id=request.datasource_id, approval_id=decision.approval_id)
    assert isinstance(gate.decide(other, estimator=Meter(20 * GIGABYTE)), NeedsApproval)


def test_asking_twice_makes_one_approval(frida: Actor) -> None:
    request = ask(frida)
    first, second = (gate.decide(request, estimator=Meter(20 * GIGABYTE)) for _ in range(2))
    assert isinstance(first, NeedsApproval)
    assert isinstance(second, NeedsApproval)
    assert first.approval_id == second.approval_id


def test_over_a_hundred_gigabytes_is_blocked_whatever_is_approved(frida: Actor) -> None:
    decision = gate.decide(ask(frida), estimator=Meter(101 * GIGABYTE))
    assert isinstance(decision, Block)
    with pytest.raises(PolicyViolation) as refused:
        gate.require_permit(decision)
    assert refused.value.extra["estimated_bytes"] == 101 * GIGABYTE


def test_over_budget_is_429_with_a_suggestion(frida: Actor) -> None:
    for _ in range(20):
        gate.require_permit(gate.decide(ask(frida), estimator=Meter(10 * GIGABYTE)))
    decision = gate.decide(ask(frida), estimator=Meter(1))
    assert isinstance(decision, Block)
    assert decision.refusal is Refusal.BUDGET
    with pytest.raises(LimitReached) as refused:
        gate.require_permit(decision)
    assert refused.value.extra["budget"]["bytes_remaining"] == 0
    assert "Narrow" in refused.value.extra["budget"]["suggestion"]
    assert 3500 < refused.value.retry_after <= 3601


def test_the_same_idempotency_key_reserves_once(frida: Actor, here: TenantRef) -> None:
    request = ask(frida, idempotency_key="k")
    for _ in range(3):
        gate.require_permit(gate.decide(request, estimator=Meter(GIGABYTE)))
    assert budget.look(here.id, size=0, budget=GIGABYTE).bytes_used == GIGABYTE
    assert LedgerEntry.objects.count() == 1


def test_a_preview_reserves_nothing(frida: Actor, here: TenantRef) -> None:
    assert isinstance(gate.decide(ask(frida, preview=True), estimator=Meter(GIGABYTE)), Allow)
    assert budget.look(here.id, size=0, budget=GIGABYTE).bytes_used == 0


def test_a_window_that_redis_forgot_is_filled_from_the_ledger(frida: Actor, here: TenantRef) -> None:
    gate.require_permit(gate.decide(ask(frida), estimator=Meter(GIGABYTE)))
    for name in client().scan_iter(f"atom:t:{here.id.hex}:pol:budget:*"):
        client().delete(name)
    assert budget.look(here.id, size=0, budget=GIGABYTE).bytes_used == GIGABYTE


def test_what_the_dry_run_refuses_is_blocked(frida: Actor) -> None:
    decision = gate.decide(ask(frida, "SELECT COUNT(*) FROM no_such"), estimator=Meter(1))
    assert isinstance(decision, Block)
    assert decision.findings[-1].message == "Table no_such was not found."


def test_real_execution_is_closed_by_default(frida: Actor) -> None:
    decision = gate.decide(ask(frida, target=TargetKind.LIVE_WAREHOUSE), estimator=Meter(1))
    with pytest.raises(Forbidden) as refused:
        gate.require_permit(decision)
    assert refused.value.code == "REAL_EXECUTION_OFF"


def test_a_write_is_no_read(frida: Actor) -> None:
    meter = Meter(1)
    assert isinstance(gate.decide(ask(frida, "DELETE FROM shop.orders WHERE TRUE"), estimator=meter), Block)
    assert isinstance(gate.decide(ask(frida, purpose=Purpose.WRITE), estimator=meter), Block)
    assert meter.asked == 0


def test_nobody_is_asked_about_a_destructive_statement_before_its_dry_run(frida: Actor) -> None:
    request = replace(
        ask(frida, "DELETE FROM orders", purpose=Purpose.WRITE, target=TargetKind.STUDIO_PROJECT),
        connector="postgres", dialect=Dialect.POSTGRES,
    )  # fmt: skip
    with pytest.raises(NeedsApprovalError) as refused:
        gate.require_permit(gate.decide(request))
    assert (refused.value.status, refused.value.code) == (409, "DRY_RUN_REQUIRED")
    assert refused.value.extra["approval_id"] is None
    assert not Approval.objects.filter(sql=request.sql).exists()
    decision = gate.decide(replace(request, dry_run="dry-run-1"))
    assert isinstance(decision, NeedsApproval)
    assert Approval.objects.get(id=decision.approval_id).shown == {"dry_run": "dry-run-1"}
    with pytest.raises(NeedsApprovalError) as waiting:
        gate.require_permit(decision)
    assert waiting.value.code != "DRY_RUN_REQUIRED"


def test_writing_needs_its_own_scope(carol: Actor, frida: Actor) -> None:
    request = ask(carol, "INSERT INTO orders VALUES (1)", purpose=Purpose.WRITE, target=TargetKind.STUDIO_PROJECT)
    request = replace(request, connector="postgres", dialect=Dialect.POSTGRES)
    decision = gate.decide(request)
    assert isinstance(decision, Block)
    assert (decision.refusal, "studio:write" in decision.findings[0].message) == (Refusal.GATE_CLOSED, True)
    assert isinstance(gate.decide(replace(request, actor=frida)), Allow)


def test_complexity_asks_and_the_refusal_names_the_number(frida: Actor) -> None:
    sql = "SELECT 1 AS x FROM t a " + " ".join(f"JOIN t t{n} USING (id)" for n in range(7)) + " LIMIT 1"
    with pytest.raises(NeedsApprovalError) as refused:
        gate.require_permit(gate.decide(ask(frida, sql), estimator=Meter(1)))
    rule = next(rule for rule in refused.value.extra["rules"] if rule["id"] == "join_depth")
    assert (rule["observed"], rule["limit"]) == (7, 5)
    assert UUID(refused.value.extra["approval_id"])
