"""The one place that runs SQL on a connector.

1. Open the datasource. 2. The gate decides: safety, plan, dry run, approval, budget. 3. A result kept under the same
statement, data and view answers. 4. Else the connector runs exactly the permitted text. 5. Protected columns are
redacted. 6. The budget is settled and one audit row tells of the decision and what came of it.
"""

import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from apps.audit.services import trail
from apps.core import clock, components
from apps.core.actor import Actor
from apps.core.errors import AtomError, Conflict, NotFound
from apps.core.ids import new_id
from apps.core.permissions import Scope
from apps.datasources.connectors import results
from apps.datasources.contracts import ExecutionResult, ResultColumn, ResultEstimate, ResultSet
from apps.datasources.engine import redaction
from apps.datasources.models import QueryPreview
from apps.datasources.selectors import gate_view, protected
from apps.datasources.selectors import registry as reads
from apps.datasources.services import recognition as looking
from apps.policies.contracts import ApprovalKind, Decision, ExecutionRequest, NeedsApproval, Permit, Purpose
from apps.policies.selectors import approvals as approval_reads
from apps.policies.services import approvals, gate, ledger, limits, refusals
from apps.tenancy.services import quota

PREVIEW_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Preview:
    """A decision that was not acted upon; `fields` is what every door answers with."""

    preview_id: UUID
    fields: dict[str, Any]
    query_hash: str


def run(
    actor: Actor,
    datasource_id: UUID,
    sql: str,
    *,
    purpose: Purpose = Purpose.READ,
    artifact_ref: str | None = None,
    idempotency_key: str | None = None,
    max_rows: int | None = None,
    approval_id: UUID | None = None,
    clear_pii: bool = False,
    recognition: bool = False,
    unattended: bool = False,
) -> ExecutionResult:
    """Run one statement and give its rows, redacted for this caller.

    `clear_pii` asks for personal data in clear; `recognition` is for looking for it alone, its values go nowhere.
    `unattended`: what needs an approval is refused, and nobody is asked for one.
    Without `artifact_ref` the caller needs `queries:run`; with it, the artifact's own door has checked the caller.
    Raises what the gate's refusal stands for (422, 409, 429, 403, 503), and the connector's errors as they are.
    """
    if artifact_ref is None:
        actor.require(Scope.QUERIES_RUN)
    if actor.tenant is not None:
        quota.admit_query(actor.tenant)
    opened = reads.open_for(actor, datasource_id)
    request = _request(
        actor, opened, sql, purpose=purpose, artifact_ref=artifact_ref, idempotency_key=idempotency_key,
        max_rows=max_rows, approval_id=approval_id, clear_pii=clear_pii, recognition=recognition,
        unattended=unattended,
    )  # fmt: skip
    permit = gate.require_permit(_decided(opened, request))
    return _Execution(actor, opened, permit).run()


def preview(actor: Actor, datasource_id: UUID, sql: str, *, clear_pii: bool = False) -> Preview:
    """What the gate would say, with estimate and budget; nothing runs and nothing is reserved."""
    actor.require(Scope.QUERIES_RUN)
    opened = reads.open_for(actor, datasource_id)
    decision = _decided(opened, _request(actor, opened, sql, preview=True, clear_pii=clear_pii))
    approval = decision.approval_id if isinstance(decision, NeedsApproval) else None
    with trail.unit_of_work():
        row = QueryPreview.objects.create(
            datasource_id=datasource_id, actor_id=actor.id, sql=sql, decision=decision.outcome,
            query_hash=decision.query_hash, estimate_id=decision.estimate_id, approval_id=approval,
            expires_at=clock.now() + PREVIEW_LIFE,
        )  # fmt: skip
        gate.record(decision, outcome="previewed")
    fields = {"preview_id": str(row.id), **refusals.preview_of(decision)}
    if opened.connector.simulated:
        components.answered_by_stand_in("warehouse")
        fields["simulated"] = True
    return Preview(row.id, fields, decision.query_hash)


def approve_run(
    actor: Actor, preview_id: UUID, *, approval_id: UUID | None = None, clear_pii: bool = False
) -> ExecutionResult:
    """Run what was previewed. Who may approve and asked for no more than cost says yes by calling this."""
    actor.require(Scope.QUERIES_RUN)
    row = QueryPreview.objects.filter(id=preview_id, actor_id=actor.id, expires_at__gt=clock.now()).first()
    if row is None:
        raise NotFound("There is no such preview, or it has expired.")
    named = approval_id or row.approval_id
    if named is not None and actor.has(Scope.QUERIES_APPROVE):
        approvals.confirm_own(actor, named)
    return run(actor, row.datasource_id, row.sql, approval_id=named, clear_pii=clear_pii)


def run_approved(actor: Actor, approval_id: UUID) -> ExecutionResult:
    """Run exactly the statement that `approval_id` says yes to. It is its requester's; another's does not exist."""
    actor.require(Scope.QUERIES_RUN)
    row = approval_reads.get_approval_for(actor, approval_id)
    if row.requested_by != actor.id or row.datasource_id is None or not row.is_query:
        raise NotFound("There is no such approval of yours to run.")
    if row.purpose not in ("", Purpose.READ.value):
        raise Conflict("A change is run where it was asked for.", code="NOT_A_READ")
    return run(
        actor, row.datasource_id, row.sql, artifact_ref=row.artifact_ref or None, approval_id=approval_id,
        clear_pii=ApprovalKind.PII_CLEAR.value in row.kinds,
    )  # fmt: skip


def _request(actor: Actor, opened: reads.Opened, sql: str, **options: Any) -> ExecutionRequest:
    connector = opened.connector
    values = {"purpose": Purpose.READ, **options}
    return ExecutionRequest(
        actor=actor, connector=connector.type, dialect=connector.dialect, sql=sql, datasource_id=opened.id,
        target=connector.target, **values,
    )  # fmt: skip


def _decided(opened: reads.Opened, request: ExecutionRequest) -> Decision:
    view = gate_view.GateView(opened.id, opened.connector, opened.hidden, opened.times)
    may_look = not (request.preview and opened.connector.billed_by_bytes)  # a preview costs nothing
    tracer = tracing(request.actor, opened, recognise=may_look and not request.recognition)
    return gate.decide(request, catalog=view, estimator=view, tracer=tracer)


def tracing(actor: Actor, opened: reads.Opened, *, recognise: bool = True) -> protected.Tracing:
    """What follows protected columns of an opened datasource; tables nobody has looked at are looked at first."""
    from apps.datasources.services import unprofiled  # noqa: PLC0415 - it asks here for the rows it looks at

    looker = unprofiled if opened.connector.billed_by_bytes else looking
    prepare = partial(looker.prepared, actor, opened) if recognise else None
    return protected.Tracing(str(opened.id), opened.connector, opened.hidden, prepare)


class _Execution:
    """One permitted run, from the cache or from the connector."""

    def __init__(self, actor: Actor, opened: reads.Opened, permit: Permit) -> None:
        self.actor, self.opened, self.permit = actor, opened, permit
        self.id = new_id()
        self.redactions = redaction.chosen(permit)
        self.started = time.perf_counter()

    def run(self) -> ExecutionResult:
        """The result; the budget is settled or released in every case."""
        name = self._cache_key()
        kept = results.get(name) if name else None
        try:
            found = kept or self._executed()
        except AtomError as error:
            self._failed(error.code)
            raise redaction.without_values(error, self.permit) from None
        except BaseException:
            self._failed("INTERNAL_ERROR")
            raise
        if name and kept is None and not found.warnings:
            results.put(name, found)
        return self._settled(found, cache_hit=kept is not None)

    def _cache_key(self) -> str | None:
        tenant = self.actor.tenant
        if tenant is None or not self._may_be_kept():
            return None
        hidden = ",".join(f"{ordinal}={kind}" for ordinal, kind in sorted(self.redactions.items()))
        view = gate.sha256(f"{hidden}|{self.permit.row_limit}")[:16]
        connector = self.opened.connector
        return results.key(tenant.id, self.opened.id, connector.version, self.permit.query_hash, view)

    def _may_be_kept(self) -> bool:
        """Only engines whose version tells when their data changes, and statements that do not depend on the clock.

        Never personal data in clear: neither what recognition reads, nor what somebody may see.
        """
        if self.permit.request.recognition or any(not column.redacted for column in self.permit.pii):
            return False
        return self.opened.connector.billed_by_bytes and results.is_stable(self.permit.sql)

    def _executed(self) -> ResultSet:
        tenant = self.actor.tenant
        assert tenant is not None
        with limits.execution_slot(tenant.id):
            found = self.opened.connector.execute(self.permit, job_id=str(self.id))
        return redaction.redacted(found, self.redactions)

    def _failed(self, code: str) -> None:
        ledger.release(self.permit)
        if self.permit.request.purpose is Purpose.READ:  # whether a write got through, nobody knows for sure
            approvals.give_back(self.permit.request)
        gate.record(self.permit, outcome="failed", summary={"execution": str(self.id), "code": code})

    def _settled(self, found: ResultSet, *, cache_hit: bool) -> ExecutionResult:
        billed = 0 if cache_hit else found.bytes_billed
        duration = round((time.perf_counter() - self.started) * 1000, 2)
        # Nothing reserved, nothing to settle: the audit row alone is one statement and needs no transaction around it.
        with trail.unit_of_work() if self.permit.reservation else nullcontext():
            ledger.settle(
                self.permit, actual_bytes=billed, duration_ms=round(duration), cache_hit=cache_hit
            )  # fmt: skip
            gate.record(
                self.permit, outcome="executed",
                summary={
                    "execution": str(self.id), "rows": len(found.rows), "billed": billed, "cache_hit": cache_hit,
                    "artifact": self.permit.request.artifact_ref or "",
                },
            )  # fmt: skip
        return _result(self, found, billed=billed, duration=duration, cache_hit=cache_hit)


def _result(run: _Execution, found: ResultSet, *, billed: int, duration: float, cache_hit: bool) -> ExecutionResult:
    estimate = run.permit.estimate
    if run.opened.connector.simulated:
        components.answered_by_stand_in("warehouse")
    hidden: tuple[ResultColumn, ...] = tuple(column for column in found.columns if column.redacted)
    return ExecutionResult(
        execution_id=run.id,
        datasource_id=run.opened.id,
        columns=found.columns,
        rows=found.rows,
        row_count=len(found.rows),
        query_hash=run.permit.query_hash,
        final_sql=run.permit.sql,
        estimate=ResultEstimate(estimate.bytes, estimate.usd) if estimate else ResultEstimate(),
        bytes_billed=billed,
        duration_ms=duration,
        cache_hit=cache_hit,
        simulated=run.opened.connector.simulated,
        truncated=found.truncated,
        redacted=tuple(column.name for column in hidden),
        warnings=(*run.permit.warnings, *found.warnings),
        decision=run.permit.outcome,
        executed_at=clock.now(),
    )
