"""What a statement may show of protected columns to this caller: redacted, in clear, or after another person's yes.

Clear text goes to a person who asks, never into an artifact that others will see. A condition on a protected column
shows something of it as well: comparing for equality with a few constants confirms what the asker knows already and is
recorded; everything else narrows down what is not known, and asks (docs/adr/011).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from apps.core.permissions import Scope
from apps.policies.contracts import ApprovalKind, ExecutionRequest, Finding, Outcome, PiiColumn
from apps.policies.engine.pii.tracing.marks import Mark, Traced, Use
from apps.policies.services.settings import Policy

GUESSES: Final = 10
"""Constants that protected columns may be compared with in one statement before it counts as guessing."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """Protected columns in the outputs, and what the gate has to ask or note about them."""

    columns: tuple[PiiColumn, ...] = ()
    findings: tuple[Finding, ...] = ()
    reads_pii: bool = False


UNSEEN: Final = Privacy()


def judge(traced: Traced, request: ExecutionRequest, policy: Policy) -> Privacy:
    """The verdict on one traced statement. Findings of outcome ASK have to be approved before it may run."""
    columns = _columns(traced)
    if not traced.touched:
        return UNSEEN
    if request.recognition:
        return Privacy(tuple(replace(column, redacted=False) for column in columns), reads_pii=True)
    holder = request.actor.has(Scope.PII_READ) and request.artifact_ref is None
    free = holder and not policy.pii_clear_needs_approval
    asked = request.clear_pii and request.artifact_ref is None and not free
    findings = [] if free else list(_conditions(traced))
    if asked and columns:
        findings.append(_clear(columns))
    clear = free or asked
    return Privacy(tuple(replace(column, redacted=not clear) for column in columns), tuple(findings), reads_pii=True)


def _columns(traced: Traced) -> tuple[PiiColumn, ...]:
    if traced.outputs is None:
        return tuple(PiiColumn("*", PiiColumn.EVERYWHERE, m.source, m.kind) for m in _first(traced.touched))
    marked = traced.marked()
    return tuple(
        PiiColumn(traced.outputs[place][0], place, mark.source, mark.kind) for place, mark in sorted(marked.items())
    )


def _first(marks: Iterable[Mark]) -> list[Mark]:
    """One that names them all: outputs that cannot be told apart carry one text."""
    return sorted(marks)[:1]


def _conditions(traced: Traced) -> Iterable[Finding]:
    guessing = traced.constants > GUESSES
    asked = sorted({use for use in traced.uses if not use.matched or guessing}, key=str)
    matched = sorted({use for use in traced.uses if use.matched and not guessing}, key=str)
    if asked:
        yield Finding(
            "pii_filter", Outcome.ASK,
            f"This narrows down protected columns without showing them: {_named(asked)}.",
            "Compare with = or IN and a few values, filter by another column, or ask for approval.",
            observed=len(asked), approval=ApprovalKind.PII_FILTER,
        )  # fmt: skip
    if matched:
        yield Finding(
            "pii_filter", Outcome.NOTE, f"Looks for known values of protected columns: {_named(matched)}.",
            observed=traced.constants,
        )  # fmt: skip


def _named(uses: Iterable[Use]) -> str:
    return ", ".join(dict.fromkeys(f"{use.source} in {use.clause}" for use in uses))


def _clear(columns: tuple[PiiColumn, ...]) -> Finding:
    names = ", ".join(dict.fromkeys(column.source for column in columns))
    return Finding(
        "pii_clear", Outcome.ASK, f"This shows personal data in clear: {names}.",
        "Another person has to approve it; without clear_pii the values are redacted.",
        observed=len(columns), approval=ApprovalKind.PII_CLEAR,
    )  # fmt: skip


def summary(columns: tuple[PiiColumn, ...]) -> dict[str, Any]:
    """For the audit record: which protected columns the outputs show, and which of them in clear. Names alone."""
    shown = sorted({column.source for column in columns})
    clear = sorted({column.source for column in columns if not column.redacted})
    return {**({"pii": shown} if shown else {}), **({"pii_clear": clear} if clear else {})}
