"""The whole review of one text: guard, reader, rules, fixes. Pure; the gate adds estimate, budget and approvals.

1. Guard before any parser.  2. Read by the dialect's reader.  3. All rules.  4. Fixes on the tree (BigQuery),
then the fixed tree is generated, read again and reviewed again: what runs is what was checked.
"""

from dataclasses import dataclass, replace

from apps.policies.contracts import Dialect, Finding, Outcome, Purpose, TableRef, TargetKind
from apps.policies.engine import guard, rules
from apps.policies.engine.bigquery import reader as bigquery
from apps.policies.engine.postgres import agreement, writes
from apps.policies.engine.postgres import reader as postgres
from apps.policies.engine.rules import row_limit
from apps.policies.engine.second_reader import SecondReader, compare
from apps.policies.engine.statement import Context, Reading, Shape, block


@dataclass(frozen=True, slots=True)
class Review:
    """The verdict of the text alone. `sql` is what would run; empty when blocked before it could be known."""

    findings: tuple[Finding, ...]
    sql: str = ""
    tables: tuple[TableRef, ...] = ()
    shape: Shape | None = None

    @property
    def blocked(self) -> bool:
        return any(finding.outcome is Outcome.BLOCK for finding in self.findings)

    @property
    def rewritten(self) -> bool:
        return any(finding.outcome is Outcome.FIX for finding in self.findings)


def review(text: str, context: Context, *, second: SecondReader | None = None) -> Review:
    """Review one text for one purpose. Never raises for any input: what cannot be judged is blocked."""
    if context.purpose is not Purpose.READ and not _may_write(context):
        return Review((block("purpose", "Only a studio project can be written to.", "Run a SELECT."),))
    stopped = guard.inspect(text, context.dialect, context.limits)
    if stopped:
        return Review((stopped,))
    try:
        if context.purpose is not Purpose.READ:
            return _write(text, context)
        reading, findings = _read(text, context)
        if reading is None:
            return Review(findings)
        return _judged(text, reading, context, second)
    except RecursionError:
        return Review((block("depth", "The statement is nested too deeply to be read safely."),))
    except Exception as error:  # noqa: BLE001  # the edge of trust: a reader's own fault must not open anything
        return Review((block("reader_failed", f"This statement cannot be judged ({type(error).__name__})."),))


def _may_write(context: Context) -> bool:
    return context.dialect is Dialect.POSTGRES and context.target is TargetKind.STUDIO_PROJECT


def _write(text: str, context: Context) -> Review:
    """One statement; a migration holds several, decided one by one. The text runs as it is."""
    statements, stopped = postgres.statements_of(text)
    if stopped or statements is None:
        return Review(stopped)
    if len(statements) > 1 and context.purpose is not Purpose.MIGRATION:
        return Review((block("single_statement", "Only one statement can run at a time.", "Send them one by one."),))
    return Review(tuple(writes.findings_of(statements, text, context.purpose)), text)


def _read(text: str, context: Context) -> tuple[Reading | None, tuple[Finding, ...]]:
    return bigquery.read(text) if context.dialect is Dialect.BIGQUERY else postgres.read(text)


def _judged(text: str, reading: Reading, context: Context, second: SecondReader | None) -> Review:
    findings = _apply(rules.SAFETY, reading, context)
    if not _blocks(findings):
        findings += _apply(rules.PLAN, reading, context)
        findings += _second_opinion(text, reading, context, second)
    verdict = Review(findings, reading.sql, reading.shape.tables, reading.shape)
    if verdict.blocked or not verdict.rewritten:
        return verdict
    return _fixed(reading, verdict, context, second)


def _fixed(reading: Reading, verdict: Review, context: Context, second: SecondReader | None) -> Review:
    fixed, findings = bigquery.reread(row_limit.apply(reading.tree, context))
    if fixed is None:
        return Review(findings)
    again = _apply(rules.SAFETY, fixed, context) + _second_opinion(fixed.sql, fixed, context, second)
    if any(finding.outcome in (Outcome.BLOCK, Outcome.FIX) for finding in again):
        return Review((block("round_trip", "The statement could not be limited without a change of meaning."),))
    return replace(verdict, sql=fixed.sql, shape=fixed.shape)


def _apply(chosen: tuple[rules.Rule, ...], reading: Reading, context: Context) -> tuple[Finding, ...]:
    return tuple(finding for rule in chosen for finding in rule(reading, context))


def _blocks(findings: tuple[Finding, ...]) -> bool:
    return any(finding.outcome is Outcome.BLOCK for finding in findings)


def _second_opinion(text: str, reading: Reading, context: Context, second: SecondReader | None) -> tuple[Finding, ...]:
    if context.dialect is Dialect.POSTGRES:
        doubt = agreement.check(text, reading.shape.names)
        return (doubt,) if doubt else ()
    if second is None:
        return ()
    disagreement = compare(second.read(text), reading.shape.tables)
    return (disagreement,) if disagreement else ()
