"""Remembered reviews: the same answer for the same text under the same policy, and never more than so many bytes."""

from dataclasses import replace
from uuid import uuid4

from apps.core.actor import Actor
from apps.policies.contracts import Dialect, ExecutionRequest, Purpose, TargetKind
from apps.policies.engine.limits import Limits
from apps.policies.engine.statement import Context
from apps.policies.services import reviews


def asked(sql: str) -> ExecutionRequest:
    return ExecutionRequest(
        actor=Actor.system(None), connector="postgres", dialect=Dialect.POSTGRES, sql=sql, purpose=Purpose.READ,
        datasource_id=uuid4(), target=TargetKind.STUDIO_PROJECT,
    )  # fmt: skip


def context(limits: Limits) -> Context:
    return Context(Dialect.POSTGRES, Purpose.READ, limits, row_limit=limits.row_limit)


def test_an_identical_statement_is_read_once_and_another_policy_reads_it_again() -> None:
    request, limits = asked("SELECT a FROM t JOIN u USING (id)"), Limits()
    first = reviews.review(request, context(limits))
    assert reviews.review(request, context(limits)) is first
    assert reviews.review(request, context(replace(limits, join_depth=0))).findings != first.findings
    assert reviews.review(replace(request, purpose=Purpose.WRITE), Context(
        Dialect.POSTGRES, Purpose.WRITE, limits, target=TargetKind.STUDIO_PROJECT
    )).blocked  # fmt: skip


def test_what_is_remembered_stays_within_its_bytes() -> None:
    limits = context(Limits())
    for number in range(300):
        reviews.review(asked(f"SELECT {number} -- " + "x" * 60_000), limits)
    assert 0 < reviews.held_bytes() <= reviews.MOST_BYTES
