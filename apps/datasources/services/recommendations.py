"""Writes recommendations and what people say to them. A rejected one does not come back for its connection."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import AtomError, InvalidInput, LimitReached, NotFound, Upstream
from apps.core.permissions import Scope
from apps.datasources.contracts import TableRole
from apps.datasources.engine.recommend.keys import KeyGuess, guesses, settled
from apps.datasources.engine.recommend.proposal import Proposal, propose_all
from apps.datasources.engine.recommend.semantic_fields import (
    BorrowedFields,
    FieldChanges,
    KeyFields,
    SemanticFields,
)
from apps.datasources.models import CatalogTable, Recommendation, RecommendationStatus
from apps.datasources.selectors import catalog
from apps.datasources.selectors.catalog import Described
from apps.datasources.services.profiling import Profiler

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person says to one recommendation, with the fields they changed."""

    id: UUID
    confirm: bool
    changes: FieldChanges | None = None


def refresh(profiler: Profiler, *, on_progress: Progress) -> dict[str, int]:
    """Recommend anew for all profiled tables of the profiler's datasource; answers how many stand in each status."""
    described = catalog.describe_profiled(profiler.datasource_id)
    keys = _checked(profiler, described, on_progress)
    proposals = propose_all([item.subject for item in described], keys)
    with trail.unit_of_work():
        for item, proposal in zip(described, proposals, strict=True):
            _store(profiler, item.table, proposal, [other.table for other in described])
    on_progress(1.0, f"{len(proposals)} tables classified")
    statuses = Counter(
        Recommendation.objects.filter(datasource_id=profiler.datasource_id).values_list("status", flat=True)
    )
    return {status.value: statuses[status.value] for status in RecommendationStatus}


def _checked(profiler: Profiler, described: Sequence[Described], on_progress: Progress) -> tuple[KeyGuess, ...]:
    found = guesses([item.subject for item in described])
    checked = []
    for place, guess in enumerate(found):
        on_progress(0.9 * place / len(found), "Checking keys between tables")
        child, parent = described[guess.child].table, described[guess.parent].table
        try:
            checked.append(guess.weighed(profiler.overlap(child, guess.column, parent, guess.ref_column)))
        except (LimitReached, Upstream):
            raise
        except AtomError:
            checked.append(guess)
    return settled(checked)


def _store(profiler: Profiler, table: CatalogTable, proposal: Proposal, tables: Sequence[CatalogTable]) -> None:
    fields = _fields(proposal, tables)
    facts: dict[str, object] = {
        "datasource_id": profiler.datasource_id,
        "role": proposal.role.value,
        "confidence": proposal.classification.confidence,
        "reasons": list(proposal.classification.reasons),
        "notes": [*proposal.notes, *(f"Also possible: {reason}" for reason in proposal.classification.against)],
        "proposed": fields.model_dump(mode="json"),
        "run_id": profiler.run_id,
    }
    row, created = Recommendation.objects.select_for_update().get_or_create(table=table, defaults=facts)
    if created:
        return
    if row.status == RecommendationStatus.CONFIRMED and not _still_stands(row, table):
        facts |= {"status": RecommendationStatus.PENDING, "confirmed": None}
    Recommendation.objects.filter(id=row.id).update(**facts, updated_at=clock.now())


def _still_stands(row: Recommendation, table: CatalogTable) -> bool:
    """Whether all columns that were confirmed still exist."""
    return set(row.fields.named_columns()) <= {column.name for column in table.columns.all()}


def _fields(proposal: Proposal, tables: Sequence[CatalogTable]) -> SemanticFields:
    amount = proposal.amount
    return SemanticFields(
        role=proposal.role,
        time_column=proposal.time.column if proposal.time else None,
        amount_column=amount.column if amount else None,
        quantity_column=amount.quantity if amount else None,
        discount_column=amount.discount if amount else None,
        amount_divisor=amount.divisor if amount else 1,
        amount_kind=amount.kind if amount else "",
        entity_key=proposal.entity.column if proposal.entity else None,
        dimensions=proposal.dimensions,
        borrowed_time=_borrowed(proposal, tables),
        foreign_keys=tuple(_key(guess, tables[guess.parent]) for guess in proposal.keys),
    )


def _key(guess: KeyGuess, parent: CatalogTable) -> KeyFields:
    return KeyFields(
        column=guess.column, ref_table_id=parent.id, ref_dataset=parent.dataset, ref_table=parent.name,
        ref_column=guess.ref_column, confidence=guess.confidence, overlap=guess.overlap,
    )  # fmt: skip


def _borrowed(proposal: Proposal, tables: Sequence[CatalogTable]) -> BorrowedFields | None:
    if proposal.lender is None or proposal.lent_time is None:
        return None
    parent = tables[proposal.lender.parent]
    column = next(column for column in parent.columns.all() if column.name == proposal.lent_time)
    spelled = column.facts.get("time_format", "")
    return BorrowedFields(
        column=proposal.lender.column, dataset=parent.dataset, table=parent.name,
        ref_column=proposal.lender.ref_column, time_column=column.name, time_type=column.type,
        time_format="" if spelled == "native" else spelled,
    )  # fmt: skip


def decide(actor: Actor, decisions: Sequence[Decision]) -> list[Recommendation]:
    """Confirm (with changed fields where given) or reject, one or many in one action. All or nothing."""
    actor.require(Scope.CATALOG_WRITE)
    by_id = {decision.id: decision for decision in decisions}
    with trail.unit_of_work():
        rows = list(
            Recommendation.objects.select_for_update(of=("self",))
            .select_related("table")
            .prefetch_related("table__columns")
            .filter(id__in=by_id)
        )
        if len(rows) != len(by_id):
            raise NotFound("Some of these recommendations do not exist.")
        for row in rows:
            _apply(actor, row, by_id[row.id])
    return rows


def _apply(actor: Actor, row: Recommendation, decision: Decision) -> None:
    before = row.status
    if decision.confirm:
        fields = row.fields if decision.changes is None else decision.changes.applied_to(row.fields)
        _check(row.table, fields)
        row.confirmed, row.role = fields.model_dump(mode="json"), fields.role.value
        row.status = RecommendationStatus.CONFIRMED
    else:
        row.confirmed, row.status = None, RecommendationStatus.REJECTED
    row.decided_by, row.decided_at = actor.id, clock.now()
    row.save(update_fields=["confirmed", "role", "status", "decided_by", "decided_at", "updated_at"])
    trail.record(
        actor, f"recommendation.{row.status}", object_type="recommendation", object_id=row.id,
        summary={"table": str(row.table), "before": before, "role": row.role, "changed": _changed(decision)},
    )  # fmt: skip


def _changed(decision: Decision) -> list[str]:
    return sorted(decision.changes.model_fields_set) if decision.changes else []


def _check(table: CatalogTable, fields: SemanticFields) -> None:
    """Refuse fields that name columns which are not there or cannot serve."""
    columns = {column.name: column for column in table.columns.all()}
    errors = [
        {"field": name, "message": f"There is no column “{name}” in {table}."}
        for name in fields.named_columns()
        if name not in columns
    ]
    for role, name, fits in (
        ("time_column", fields.time_column, catalog.can_be_time),
        ("amount_column", fields.amount_column, catalog.can_be_amount),
        ("quantity_column", fields.quantity_column, catalog.can_be_amount),
        ("discount_column", fields.discount_column, catalog.can_be_amount),
    ):
        if name in columns and not fits(columns[name]):
            errors.append({"field": role, "message": f"“{name}” ({columns[name].type}) cannot be used as that."})
    if fields.role is TableRole.EVENT and fields.time_column is None and fields.borrowed_time is None:
        errors.append({"field": "time_column", "message": "An event table needs a time column."})
    if errors:
        raise InvalidInput(f"The fields of {table} do not fit: {errors[0]['message']}", extra={"errors": errors})
