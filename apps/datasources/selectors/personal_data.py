"""Reads of the review of personal data: what waits, what is protected, what people decided."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat

from apps.core.actor import Actor
from apps.datasources.models import CatalogColumn, PiiDecision
from apps.datasources.selectors import catalog

EVIDENCE: Final = "evidence"
NAME: Final = "name"
BASES: Final = (EVIDENCE, NAME)
"""Some values hint at it, or the name alone does."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the lists may be narrowed by; empty means any. `table` is `dataset.name`, `basis` one of BASES."""

    text: str = ""
    kind: str = ""
    basis: str = ""
    table: str = ""
    datasource_id: UUID | None = None


def list_waiting(actor: Actor, chosen: Filter = Filter()) -> QuerySet[CatalogColumn]:
    """Columns a person should decide about, the ones with evidence in their values first where they are paged."""
    return _narrowed(catalog.list_pii_review(actor, chosen.datasource_id), chosen)


def list_protected(actor: Actor, chosen: Filter = Filter()) -> QuerySet[CatalogColumn]:
    """Columns that are protected."""
    return _narrowed(catalog.list_protected(actor, chosen.datasource_id), chosen)


def list_decided(actor: Actor, *, limit: int = 20) -> list[CatalogColumn]:
    """What people decided last; each can be undone."""
    rows = catalog.list_columns(actor, ~Q(pii_decision=PiiDecision.OPEN))
    return list(rows.order_by(F("pii_decided_at").desc(nulls_last=True), "-id")[:limit])


def kinds_waiting(actor: Actor) -> list[str]:
    """Classes that occur in the queue."""
    return sorted(set(catalog.list_pii_review(actor).order_by().values_list("pii_kind", flat=True)))


def tables_waiting(actor: Actor) -> list[str]:
    """Tables with columns in the queue."""
    rows = catalog.list_pii_review(actor).order_by().values_list("table__dataset", "table__name").distinct()
    return sorted(f"{dataset}.{name}" for dataset, name in rows)


def _narrowed(rows: QuerySet[CatalogColumn], chosen: Filter) -> QuerySet[CatalogColumn]:
    if chosen.text:
        text = chosen.text
        found = Q(name__icontains=text) | Q(table__name__icontains=text) | Q(table__dataset__icontains=text)
        rows = rows.filter(found)
    if chosen.kind:
        rows = rows.filter(pii_kind=chosen.kind)
    if chosen.basis in BASES:
        by_name = Q(pii_evidence__basis="name")
        rows = rows.filter(by_name) if chosen.basis == NAME else rows.exclude(by_name)
    if chosen.table:
        full = Concat("table__dataset", Value("."), "table__name")
        rows = rows.annotate(full_name=full).filter(full_name__iexact=chosen.table)
    return rows
