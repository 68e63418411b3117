"""The whole review of one text: guard, reader, rules, fixes. Pure; the gate adds estimate, budget and approvals.

1. Guard before any parser.   2. Read by the dialect's reader.   3. All rules.
4. BigQuery: fixes on the tree; then it is generated and read again, and must be the same tree: what runs is what was
checked, and a changed tree is judged once more.   5. The second reader, where there is one, on both texts.
"""

from dataclasses import dataclass, replace

from apps.policies.contracts import Dialect, Finding, Outcome, Purpose, TableRef, TargetKind
from apps.policies.engine import guard, rules
from apps.policies.engine.bigquery import reader as bigquery
from apps.policies.engine.bigquery.shape import shape_of
from apps.policies.engine.postgres import agreement, writes
from apps.policies.engine.postgres import reader as postgres
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
    """Review one text for one purpose. Never raises for any input: what cannot be judged is blocked.

    Raises what the second reader raises when it is out (`core.errors.Unavailable`): that says nothing of the text.
    """
    if context.purpose is not Purpose.READ and not _may_write(context):
        return Review((block("purpose", "Only a studio project can be written to.", "Run a SELECT."),))
    stopped = guard.inspect(text, context.dialect, context.limits)
    if stopped:
        return Review((stopped,))
    try:
        if context.purpose is not Purpose.READ:
            return _write(text, context)
        verdict = _bigquery(text, context) if context.dialect is Dialect.BIGQUERY else _postgres(text, context)
    except RecursionError as error:
        return Review((bigquery.unread(error),))
    except Exception as error:  # noqa: BLE001  # the edge of trust: a reader's own fault must not open anything
        return Review((block("reader_failed", f"This statement cannot be judged ({type(error).__name__})."),))
    return _light(_second_opinion(text, verdict, second))


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


def _postgres(text: str, context: Context) -> Review:
    reading, findings = postgres.read(text)
    if reading is None:
        return Review(findings)
    findings = _judged(reading, context)
    if not _blocks(findings):
        doubt = agreement.check(text, reading.shape.names)
        findings += (doubt,) if doubt else ()
    return Review(findings, reading.sql, reading.shape.tables, reading.shape)


def _bigquery(text: str, context: Context) -> Review:
    reading = bigquery.parse(text)
    if isinstance(reading, Finding):
        return Review((reading,))
    verdict = Review(_judged(reading, context), "", reading.shape.tables, reading.shape)
    if verdict.blocked:
        return verdict
    if verdict.rewritten:
        rules.apply_fixes(reading, context)
    written = bigquery.write(reading.tree)
    if isinstance(written, Finding):
        return Review((written,), "", verdict.tables, verdict.shape)
    return _judged_again(written, verdict, context)


def _judged_again(written: bigquery.Written, verdict: Review, context: Context) -> Review:
    """The verdict with the text that runs, once that text has been judged like the user's."""
    if written.same and not verdict.rewritten:
        return replace(verdict, sql=written.sql)
    shape = shape_of(written.tree, statements=1)
    again = _apply(rules.SAFETY, Reading(written.sql, shape, written.tree), context)
    if any(finding.outcome in (Outcome.BLOCK, Outcome.FIX) for finding in again):
        changed = block("round_trip", "The statement could not be limited without a change of meaning.")
        return Review((changed,), "", verdict.tables, verdict.shape)
    said = {finding.rule for finding in verdict.findings}
    more = tuple(finding for finding in again if finding.rule not in said)
    return replace(verdict, findings=verdict.findings + more, sql=written.sql, shape=shape)


def _judged(reading: Reading, context: Context) -> tuple[Finding, ...]:
    findings = _apply(rules.SAFETY, reading, context)
    return findings if _blocks(findings) else findings + _apply(rules.PLAN, reading, context)


def _light(review: Review) -> Review:
    """Without the tree, which a cached review must not keep alive."""
    if review.shape is None or review.shape.scopes is None:
        return review
    return replace(review, shape=replace(review.shape, scopes=None))


def _apply(chosen: tuple[rules.Rule, ...], reading: Reading, context: Context) -> tuple[Finding, ...]:
    return tuple(finding for rule in chosen for finding in rule(reading, context))


def _blocks(findings: tuple[Finding, ...]) -> bool:
    return any(finding.outcome is Outcome.BLOCK for finding in findings)


def _second_opinion(text: str, verdict: Review, second: SecondReader | None) -> Review:
    """Google's grammar on the user's text and on the one that runs; Postgres' own has read already."""
    if second is None or verdict.blocked:
        return verdict
    for each in dict.fromkeys((text, verdict.sql)):
        doubt = compare(second.read(each), verdict.tables, runs=each == verdict.sql)
        if doubt:
            return replace(verdict, findings=(*verdict.findings, doubt))
    return verdict
