"""The policy gate: the one place that decides whether SQL may run, and makes the value that lets it.

Order: gate open? → SQL safety → plan validation → dry run and cost → personal data → approval → budget. Everything
before the dry run depends on the text, the policy and the catalog alone and is cached by their hash and versions.
"""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from prometheus_client import Counter

from apps.audit.services import trail
from apps.core.errors import InvalidInput, Upstream
from apps.core.ids import new_id
from apps.core.permissions import Scope
from apps.policies._seal import SEAL
from apps.policies.contracts import (
    Allow,
    ApprovalKind,
    Block,
    BudgetState,
    CatalogView,
    Decision,
    Dialect,
    Estimate,
    Estimator,
    ExecutionRequest,
    Finding,
    NeedsApproval,
    Outcome,
    Permit,
    PiiTracer,
    Purpose,
    Refusal,
    Reservation,
    Rewrite,
    TargetKind,
)
from apps.policies.engine.safety import Review
from apps.policies.engine.statement import Context
from apps.policies.services import approvals, budget, ledger, privacy, refusals, reviews, selfcheck, settings
from apps.policies.services.reviews import sha256
from apps.policies.services.settings import Policy

__all__ = ["decide", "record", "require_permit", "sha256"]

RULES_VERSION: Final = "2"
_SLACK: Final = 1.1
_LOOK_MS: Final = 5_000
_MINIMUM_BILLED: Final = 10 * 1024 * 1024
_REASONS: Final = 6
_REASON_LENGTH: Final = 300
_DECISIONS: Final = Counter("atom_gate_decisions_total", "Decisions of the policy gate", ["outcome", "dialect"])


def decide(
    request: ExecutionRequest,
    *,
    catalog: CatalogView | None = None,
    estimator: Estimator | None = None,
    tracer: PiiTracer | None = None,
) -> Decision:
    """Decide about one statement. The tenant of the actor must be entered.

    An Allow or Rewrite on an engine billed by bytes holds its estimate in the hourly budget: settle it with
    `ledger.settle` or give it back with `ledger.release`. Refusals are returned, not raised; see `require_permit`.
    """
    decision = _Deciding(request, settings.current(), catalog, estimator, tracer).decide()
    _DECISIONS.labels(decision.outcome, request.dialect.value).inc()
    return decision


def require_permit(decision: Decision) -> Permit:
    """The decision when it lets the SQL run; otherwise records the refusal and raises what the door answers."""
    match decision:
        case Allow() | Rewrite():
            return decision
        case NeedsApproval() | Block():
            record(decision, outcome="refused")
            raise refusals.error_of(decision)


def record(decision: Decision, *, outcome: str, summary: dict[str, Any] | None = None) -> None:
    """The audit row of a decision (`security_gate_decision`); `outcome` is executed, failed, refused or previewed."""
    trail.record(
        decision.request.actor,
        "security_gate_decision",
        object_type="datasource",
        object_id=decision.request.datasource_id,
        decision=decision.outcome,
        outcome=outcome,
        sha256=decision.query_hash,
        summary={
            "purpose": decision.request.purpose.value,
            "rules": [f"{each.rule}:{each.outcome.value}" for each in decision.findings],
            "bytes": decision.estimate.bytes if decision.estimate else 0,
            **privacy.summary(decision.pii),
            **_why(decision),
            **(summary or {}),
        },
    )


def _why(decision: Decision) -> dict[str, Any]:
    """The reasons in words (findings never echo literals), and what the decision rests on; nothing where nothing is."""
    said = [each for each in decision.findings if each.outcome is not Outcome.NOTE][:_REASONS]
    approval = decision.approval_id if isinstance(decision, NeedsApproval) else decision.request.approval_id
    facts = {
        "reasons": [each.message[:_REASON_LENGTH] for each in said],
        "approval": str(approval) if approval else "",
        "estimate": str(decision.estimate_id) if decision.estimate_id else "",
    }
    return {name: value for name, value in facts.items() if value}


class _ApprovalGoneError(Exception):
    """Another run used the approval up in this very moment."""


class _Deciding:
    """One pass through the gate."""

    def __init__(
        self,
        request: ExecutionRequest,
        policy: Policy,
        catalog: CatalogView | None,
        estimator: Estimator | None,
        tracer: PiiTracer | None,
    ) -> None:
        self.request, self.policy, self.catalog, self.estimator = request, policy, catalog, estimator
        self.tracer, self.privacy = tracer, privacy.UNSEEN
        self.version = f"{RULES_VERSION}.{policy.version}"
        self.row_limit = min(policy.limits.row_limit, request.max_rows or policy.limits.row_limit)
        self.findings: tuple[Finding, ...] = ()
        self.review = Review(())
        self.query_hash = sha256(request.sql)
        self.estimate: Estimate | None = None
        self.estimate_id: UUID | None = None
        self.budget: BudgetState | None = None

    def decide(self) -> Decision:
        closed = self._closed()
        if closed:
            return self._block(closed, Refusal.GATE_CLOSED)
        try:
            self.review = reviews.review(self.request, self._context())
        except Upstream as error:
            return self._block(_finding("second_reader", error.message, "Try again shortly."), Refusal.UPSTREAM)
        self.findings = self.review.findings
        self.query_hash = sha256(self.review.sql or self.request.sql)
        if self.review.blocked:
            return self._refuse(Refusal.POLICY)
        refused = self._price()
        if refused:
            return refused
        if self.tracer is not None:
            traced = self.tracer.trace(self.review.sql, self.review.tables)
            self.privacy = privacy.judge(traced, self.request, self.policy)
            self.findings += self.privacy.findings
        return self._approve_and_reserve()

    def _closed(self) -> Finding | None:
        if self.request.purpose is not Purpose.READ and self.request.target is not TargetKind.STUDIO_PROJECT:
            return _finding("purpose", "Only a studio project can be written to.", "Run a SELECT.")
        if self.request.purpose is not Purpose.READ and not self.request.actor.has(Scope.STUDIO_WRITE):
            return _finding("purpose", "Writing needs the scope studio:write.", "Ask an admin for it.")
        if self.request.target.is_real:
            return selfcheck.closed_because(self.request)
        return None

    def _context(self) -> Context:
        return Context(
            dialect=self.request.dialect,
            purpose=self.request.purpose,
            limits=self.policy.limits,
            target=self.request.target,
            catalog=self.catalog,
            row_limit=self.row_limit,
        )

    def _price(self) -> Decision | None:
        """Dry run: fills the estimate, or answers the refusal that came of it."""
        if self.estimator is None:
            return None
        if not (self.estimator.billed_by_bytes or self.request.preview):
            return None
        try:
            raw = self.estimator.estimate(self.review.sql)
        except InvalidInput as error:
            return self._block(_finding("dry_run", error.message, "Correct the statement."), Refusal.POLICY)
        except Upstream as error:
            return self._block(_finding("dry_run", error.message, "Try again shortly."), Refusal.UPSTREAM)
        self.estimate = replace(raw, usd=self.policy.limits.usd(raw.bytes))
        if not self.estimator.billed_by_bytes:
            return None
        return self._check_caps(self.estimate.bytes)

    def _check_caps(self, size: int) -> Decision | None:
        limits = self.policy.limits
        hard = "bytes" in limits.hard
        if size > limits.bytes_with_approval or (hard and size > limits.bytes_per_query):
            cap = limits.bytes_per_query if hard else limits.bytes_with_approval
            finding = Finding(
                "bytes_per_query", Outcome.BLOCK, f"The query would read {_gb(size)}; {_gb(cap)} is the most allowed.",
                budget.SUGGESTION, observed=size, limit=cap,
            )  # fmt: skip
            return self._block(finding, Refusal.POLICY)
        if size > limits.bytes_per_query:
            self.findings += (
                Finding(
                    "bytes_per_query", Outcome.ASK,
                    f"The query would read {_gb(size)}; {_gb(limits.bytes_per_query)} need no approval.",
                    budget.SUGGESTION, observed=size, limit=limits.bytes_per_query, approval=ApprovalKind.OVER_CAP,
                ),
            )  # fmt: skip
        return None

    def _approve_and_reserve(self) -> Decision:
        kinds, size = self._kinds(), self._size()
        approved = not kinds or approvals.covers(self.request, kinds=kinds, query_hash=self.query_hash, size=size)
        if self._is_billed() and (self.request.preview or not approved):
            self.budget = self._look()
            if not self.budget.allowed:
                return self._over_budget()
        if not approved:
            return self._ask(kinds)
        if self.request.preview:
            return self._permit(None)
        if self._is_billed():
            return self._hold(kinds)
        if kinds and not approvals.take(self.request, ref=self.query_hash):
            return self._ask(kinds)
        return self._permit(None)

    def _kinds(self) -> tuple[ApprovalKind, ...]:
        """What somebody has to agree to. Recognition reads a few rows in little time: where bytes cost nothing it needs
        no bound."""
        asked = dict.fromkeys(each.approval for each in self.findings if each.outcome is Outcome.ASK and each.approval)
        if self.request.recognition and not self._is_billed():
            asked.pop(ApprovalKind.MISSING_FILTER, None)
        return tuple(asked)

    def _hold(self, kinds: tuple[ApprovalKind, ...]) -> Decision:
        """Take the estimate out of the hour, and the approval with it: both or neither."""
        tenant = self.request.actor.tenant
        assert tenant is not None
        ledger.watch()
        name = self._reservation_name()

        def book(reservation: Reservation) -> Permit:
            if kinds and not approvals.take(self.request, ref=name):
                raise _ApprovalGoneError
            return self._book(reservation)

        limit = self.policy.limits.bytes_per_hour
        try:
            self.budget, permit = budget.hold(
                tenant.id, reservation_id=name, size=self._size(), budget=limit, book=book
            )
        except _ApprovalGoneError:
            return self._ask(kinds)
        if permit is None:
            return self._over_budget()
        return replace(permit, seal=SEAL, budget=self.budget)

    def _is_billed(self) -> bool:
        return self.estimator is not None and self.estimator.billed_by_bytes

    def _size(self) -> int:
        return self.estimate.bytes if self.estimate else 0

    def _look(self) -> BudgetState:
        tenant = self.request.actor.tenant
        assert tenant is not None
        return budget.look(tenant.id, size=self._size(), budget=self.policy.limits.bytes_per_hour)

    def _reservation_name(self) -> str:
        key = self.request.idempotency_key
        return f"{self.query_hash[:24]}:{sha256(key)[:24]}" if key else str(new_id())

    def _book(self, reservation: Reservation) -> Permit:
        permit = self._permit(reservation)
        assert permit.estimate_id is not None
        ledger.open_entry(self.request, reservation, estimate_id=permit.estimate_id, query_hash=self.query_hash)
        return permit

    def _permit(self, reservation: Reservation | None) -> Permit:
        kind = Rewrite if self.review.rewritten else Allow
        self._store_estimate(kind.outcome)
        return kind(
            **self._common(),
            row_limit=self.row_limit,
            at_most=self.review.shape.at_most if self.review.shape else None,
            timeout_ms=self._timeout_ms(),
            max_bytes_billed=self._max_billed(),
            reservation=reservation,
        )

    def _timeout_ms(self) -> int:
        """Recognition before somebody's statement must not keep it waiting."""
        is_short = self.request.recognition and not self._is_billed()
        return min(self.policy.limits.timeout_ms, _LOOK_MS) if is_short else self.policy.limits.timeout_ms

    def _max_billed(self) -> int | None:
        if not self._is_billed():
            return None
        cap = self.policy.limits.bytes_with_approval
        return min(cap, max(_MINIMUM_BILLED, int(self._size() * _SLACK)))

    def _ask(self, kinds: tuple[ApprovalKind, ...]) -> Decision:
        self._store_estimate(NeedsApproval.outcome)
        if ApprovalKind.DESTRUCTIVE in kinds and not self.request.dry_run:
            return NeedsApproval(**self._common(), kinds=kinds)  # nobody is asked before it is known what it does
        if self.request.unattended:
            return NeedsApproval(**self._common(), kinds=kinds)
        row = approvals.ask(
            self.request, kinds=kinds, sql=self.review.sql, query_hash=self.query_hash,
            estimate_id=self.estimate_id, findings=self.findings, shown=self._shown(),
        )  # fmt: skip
        return NeedsApproval(**self._common(), kinds=kinds, approval_id=row.id)

    def _shown(self) -> dict[str, Any]:
        """What an approver sees of the cost beside the statement."""
        if self.estimate is None:
            return {"dry_run": self.request.dry_run} if self.request.dry_run else {}
        budget_now = self.budget
        return {
            "estimated_bytes": self.estimate.bytes,
            "estimated_cost_usd": float(self.estimate.usd),
            "per_query_limit": self.policy.limits.bytes_per_query,
            "most_with_approval": self.policy.limits.bytes_with_approval,
            "bytes_remaining": budget_now.bytes_remaining if budget_now else None,
            "budget": budget_now.budget if budget_now else None,
        }

    def _over_budget(self) -> Decision:
        assert self.budget is not None
        finding = Finding(
            "hourly_budget", Outcome.BLOCK,
            f"The query would read {_gb(self._size())}; {_gb(self.budget.bytes_remaining)} of this hour's"
            f" {_gb(self.budget.budget)} are left.",
            budget.SUGGESTION, observed=self._size(), limit=self.budget.bytes_remaining,
        )  # fmt: skip
        return self._block(finding, Refusal.BUDGET)

    def _block(self, finding: Finding, refusal: Refusal) -> Block:
        self.findings += (finding,)
        return self._refuse(refusal)

    def _refuse(self, refusal: Refusal) -> Block:
        self._store_estimate(Block.outcome)
        return Block(**self._common(), refusal=refusal)

    def _store_estimate(self, outcome: str) -> None:
        if self.estimate is not None and self._is_billed() and self.estimate_id is None:
            self.estimate_id = ledger.store_estimate(
                self.request, self.estimate, query_hash=self.query_hash, decision=outcome, policy_version=self.version
            )

    def _warnings(self) -> tuple[str, ...]:
        alone = self.request.dialect is Dialect.BIGQUERY and not reviews.needs_second_reader(self.request)
        return (_ONE_READER,) if alone else ()

    def _common(self) -> dict[str, Any]:
        return {
            "seal": SEAL,
            "request": self.request,
            "sql": self.review.sql,
            "query_hash": self.query_hash,
            "policy_version": self.version,
            "findings": self.findings,
            "tables": self.review.tables,
            "estimate": self.estimate,
            "estimate_id": self.estimate_id,
            "budget": self.budget,
            "per_query_limit": self.policy.limits.bytes_per_query,
            "warnings": self._warnings(),
            "pii": self.privacy.columns,
            "reads_pii": self.privacy.reads_pii,
        }


_ONE_READER: Final = "Read by one parser: a stand-in for BigQuery does without BigQuery's own grammar."


def _finding(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule, Outcome.BLOCK, message, remedy)


def _gb(size: int) -> str:
    if size < 1_000_000:
        return f"{size / 1_000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB" if size < 1_000_000_000 else f"{size / 1_000_000_000:.2f} GB"
