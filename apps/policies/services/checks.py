"""The safety rules alone, for a text that will not run here: no catalog, no dry run, no budget, nothing stored.

The doors `POST /policies/sql/check` and `manage.py check_sql` stand on it; the verdict is the gate's for the same text.
"""

from dataclasses import dataclass
from typing import Any

from apps.policies.contracts import Dialect, Finding, Outcome, Purpose, StatementKind
from apps.policies.engine import safety
from apps.policies.engine.kinds import kind_of
from apps.policies.engine.limits import Limits
from apps.policies.engine.statement import Context


@dataclass(frozen=True, slots=True)
class Check:
    """What the gate would say of a text. `final_sql` is what would run; empty when blocked."""

    decision: str
    kind: StatementKind
    findings: tuple[Finding, ...]
    final_sql: str

    def shown(self) -> dict[str, Any]:
        """The check as the doors give it."""
        return {
            "decision": self.decision,
            "kind": self.kind.value,
            "rules": [_rule(each) for each in self.findings],
            "final_sql": self.final_sql,
        }


def check(sql: str, dialect: Dialect, limits: Limits) -> Check:
    """The verdict about `sql` as a read. Pure; the same text always gets the same answer."""
    context = Context(dialect=dialect, purpose=Purpose.READ, limits=limits, row_limit=limits.row_limit)
    found = safety.review(sql, context)
    return Check(_decision(found), kind_of(found.shape, found.findings), found.findings, _final(found))


def refused(rule: str, message: str, remedy: str = "") -> Check:
    """The answer to an input that is no statement at all."""
    return Check("block", StatementKind.UNREADABLE, (Finding(rule, Outcome.BLOCK, message, remedy),), "")


def _decision(found: safety.Review) -> str:
    if found.blocked:
        return "block"
    if any(each.outcome is Outcome.ASK for each in found.findings):
        return "needs_approval"
    return "rewrite" if found.rewritten else "allow"


def _final(found: safety.Review) -> str:
    return "" if found.blocked else found.sql


def _rule(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.rule,
        "outcome": finding.outcome.value,
        "message": finding.message,
        "remedy": finding.remedy,
        "line": finding.line,
        "col": finding.column,
    }
