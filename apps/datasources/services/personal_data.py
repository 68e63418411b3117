"""What recognition found about columns and what people decide about it. Evidence holds shapes, digests and counts only.

Decisions last: a later profile never overrides them, it only flags what contradicts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from uuid import UUID

from apps.audit.services import trail
from apps.core import clock, tenant
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.datasources.engine.profiling.facts import column_from_json
from apps.datasources.engine.profiling.families import Field
from apps.datasources.models import CatalogColumn, CatalogTable, PiiDecision
from apps.policies.engine.pii.classify import classify_column
from apps.policies.engine.pii.verdict import PiiVerdict, Tier

_REDACTED = "[REDACTED"


def verdicts(
    table: CatalogTable, columns: Mapping[str, CatalogColumn], fields: Sequence[Field], sampled: Sequence[Counter[str]]
) -> dict[str, PiiVerdict]:
    """A verdict for each field whose values could be seen; redacted ones keep the one they have."""
    key = tenant.require().id.bytes
    found = {}
    for field, values in zip(fields, sampled, strict=True):
        if field.name not in columns or (values and all(value.startswith(_REDACTED) for value in values)):
            continue
        found[field.name] = classify_column(field.name, field.type, values, table=table.name, key=key)
    return found


def kept(columns: Mapping[str, CatalogColumn], found: Mapping[str, PiiVerdict]) -> dict[str, PiiVerdict]:
    """Without verdicts that would lift a protection because a smaller or emptier sample showed less."""
    return {
        name: verdict
        for name, verdict in found.items()
        if not (
            columns[name].pii_decision == PiiDecision.OPEN
            and columns[name].pii_tier == Tier.HIGH
            and verdict.tier is not Tier.HIGH
            and verdict.distinct < int(columns[name].pii_evidence.get("distinct", 0) or 0)
        )
    }


def hidden_after(columns: Mapping[str, CatalogColumn], found: Mapping[str, PiiVerdict]) -> dict[str, str]:
    """The class of each column whose values must not be kept: protected, or under a suspicion backed by values."""
    hidden = {name: column.hidden_as for name, column in columns.items()}
    for name, verdict in found.items():
        if columns[name].pii_decision == PiiDecision.OPEN:
            backed = verdict.tier is Tier.HIGH or "values" in verdict.basis
            hidden[name] = verdict.kind.value if verdict.kind is not None and backed else None
    return {name: kind for name, kind in hidden.items() if kind}


def write(columns: Mapping[str, CatalogColumn], found: Mapping[str, PiiVerdict]) -> None:
    """Put verdicts on column rows (the caller saves them). A contradicted decision stays, and is flagged."""
    for name, verdict in found.items():
        column = columns[name]
        column.pii_evidence = {
            "basis": verdict.basis, "reason": verdict.reason, "hits": verdict.hits, "distinct": verdict.distinct,
            "rate": verdict.rate, "chance": verdict.chance, "version": verdict.version,
            "seen": [asdict(item) for item in verdict.evidence],
        }  # fmt: skip
        kind = verdict.kind.value if verdict.kind else ""
        if column.pii_decision == PiiDecision.OPEN:
            column.pii_kind = kind
            column.pii_tier = "" if verdict.tier is Tier.NONE else verdict.tier.value
        else:
            column.pii_conflict = _contradicts(column, verdict)


def _contradicts(column: CatalogColumn, verdict: PiiVerdict) -> bool:
    if column.pii_decision == PiiDecision.REJECTED:
        return verdict.tier is Tier.HIGH and column.pii_tier != Tier.HIGH
    return verdict.tier is Tier.HIGH and verdict.kind is not None and verdict.kind.value != column.pii_kind


class Verb(StrEnum):
    """What a person may say of a column."""

    CONFIRM = "confirm"
    REJECT = "reject"
    UNDO = "undo"


_DECIDES = {Verb.CONFIRM: PiiDecision.CONFIRMED, Verb.REJECT: PiiDecision.REJECTED, Verb.UNDO: PiiDecision.OPEN}
_WRITTEN = ("pii_decision", "pii_decided_by", "pii_decided_at", "pii_conflict", "facts", "updated_at")


def decide(actor: Actor, decisions: Mapping[UUID, Verb]) -> list[CatalogColumn]:
    """Confirm, reject or take back, one or many in one action; saying the same again changes and records nothing.

    Decisions last and are not asked again; what is taken back is a question again. Raises NotFound, all or nothing.
    """
    actor.require(Scope.PII_REVIEW)
    with trail.unit_of_work():
        found = CatalogColumn.objects.select_for_update(of=("self",)).select_related("table").filter(id__in=decisions)
        rows = list(found.order_by("id"))  # in one order, so that two who decide the same do not wait for each other
        if len(rows) != len(decisions):
            raise NotFound("Some of these columns do not exist.")
        changed = [row for row in rows if row.pii_conflict or row.pii_decision != _DECIDES[decisions[row.id]]]
        for row in changed:
            _decide(actor, row, decisions[row.id])
        CatalogColumn.objects.bulk_update(changed, _WRITTEN)
    return rows


def _decide(actor: Actor, row: CatalogColumn, verb: Verb) -> None:
    row.pii_decision, row.pii_conflict = _DECIDES[verb], False
    row.pii_decided_by, row.pii_decided_at, row.updated_at = actor.id, clock.now(), clock.now()
    if verb is Verb.CONFIRM:
        row.facts = _without_values(row.facts)
    if verb is Verb.UNDO:
        row.pii_decided_by = row.pii_decided_at = None
    trail.record(
        actor, f"pii.{_DECIDES[verb] or 'reopened'}", object_type="catalog_column", object_id=row.id,
        summary={"table": str(row.table), "column": row.name, "class": row.pii_kind},
    )  # fmt: skip


def _without_values(facts: Mapping[str, object]) -> dict[str, object]:
    if not facts:
        return {}
    return asdict(column_from_json(dict(facts)).without_values())
