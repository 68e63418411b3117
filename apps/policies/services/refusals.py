"""Turns a decision into what the door answers: block 422, approval 409, budget and rate 429, closed 403, out 503."""

from collections.abc import Iterable
from typing import Any

from apps.core.errors import AtomError, Forbidden, LimitReached, NeedsApproval, NextStep, PolicyViolation, Unavailable
from apps.policies import contracts
from apps.policies.contracts import Accuracy, Block, Decision, Finding, Outcome, Refusal
from apps.policies.services import approvals


def preview_of(decision: Decision) -> dict[str, Any]:
    """What a preview answers with: exactly the specified fields, the approval's id where there is one."""
    fields = describe(decision)
    del fields["query_hash"]
    if fields["approval_id"] is None:
        del fields["approval_id"]
    return fields


def describe(decision: Decision) -> dict[str, Any]:
    """The estimate fields every door answers with, as spec'd for previews."""
    estimate, budget = decision.estimate, decision.budget
    return {
        "decision": decision.outcome,
        "rules": [_finding(each) for each in decision.findings],
        "final_sql": decision.sql,
        "query_hash": decision.query_hash,
        "estimated_bytes": estimate.bytes if estimate else None,
        "estimated_cost_usd": float(estimate.usd) if estimate else None,
        "per_query_limit": _per_query(decision),
        "budget": {
            "allowed": budget.allowed,
            "bytes_used": budget.bytes_used,
            "bytes_remaining": budget.bytes_remaining,
            "budget": budget.budget,
            "suggestion": budget.suggestion,
        }
        if budget
        else None,
        "pii_columns": [{"output": each.output, "kind": each.kind, "redacted": each.redacted} for each in decision.pii],
        "approval_id": str(decision.approval_id)
        if isinstance(decision, contracts.NeedsApproval) and decision.approval_id
        else None,
    }


def error_of(decision: contracts.NeedsApproval | Block) -> AtomError:
    """The error that says no."""
    extra = describe(decision)
    if isinstance(decision, contracts.NeedsApproval):
        asked = [each for each in decision.findings if each.outcome is Outcome.ASK]
        code = "DRY_RUN_REQUIRED" if decision.approval_id is None else ""
        steps = [*_remedies(asked), *approvals.next_steps_of(decision.approval_id)]
        return NeedsApproval(_message(asked), code=code, extra=extra, next_steps=steps)
    findings = [each for each in decision.findings if each.outcome is Outcome.BLOCK]
    message, steps = _message(findings), _remedies(findings)
    match decision.refusal:
        case Refusal.POLICY:
            return PolicyViolation(message, extra=extra, next_steps=steps)
        case Refusal.BUDGET | Refusal.RATE:
            wait = decision.budget.retry_after if decision.budget else 60
            return LimitReached(message, retry_after=wait, code="QUOTA_EXCEEDED", extra=extra, next_steps=steps)
        case Refusal.GATE_CLOSED:
            return Forbidden(message, code="REAL_EXECUTION_OFF", extra=extra, next_steps=steps)
        case Refusal.UPSTREAM:
            return Unavailable(message, extra=extra, next_steps=steps)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.rule,
        "outcome": finding.outcome.value,
        "message": finding.message,
        "remedy": finding.remedy,
        "line": finding.line,
        "column": finding.column,
        "observed": finding.observed,
        "limit": finding.limit,
    }


def _per_query(decision: Decision) -> dict[str, Any] | None:
    """The cap that needs no approval; `status` is under, over, unknown (no estimate yet) or not_billed (by bytes)."""
    if decision.per_query_limit is None:
        return None
    if decision.estimate is None:
        status = "unknown"
    elif decision.estimate.accuracy is Accuracy.PLANNER:
        status = "not_billed"
    else:
        status = "over" if decision.estimate.bytes > decision.per_query_limit else "under"
    return {"bytes": decision.per_query_limit, "status": status}


def _message(findings: Iterable[Finding]) -> str:
    return " ".join(each.message for each in findings) or "The policy gate refused this."


def _remedies(findings: Iterable[Finding]) -> list[NextStep | str]:
    return list(dict.fromkeys(each.remedy for each in findings if each.remedy))
