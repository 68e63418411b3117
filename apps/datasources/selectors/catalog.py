"""Reads of the catalog: tables, columns, confirmed meanings, protected columns."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from django.db.models import Count, Prefetch, Q, QuerySet

from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.datasources.contracts import ColumnFact, ConfirmedTable, SemanticType
from apps.datasources.engine.classify.subject import Subject, subject
from apps.datasources.engine.profiling.facts import from_json
from apps.datasources.engine.profiling.families import Family, family_of
from apps.datasources.engine.profiling.reading import moment
from apps.datasources.enums import DatasourceType
from apps.datasources.models import (
    CatalogColumn,
    CatalogTable,
    Datasource,
    ProfileState,
    Recommendation,
    RecommendationStatus,
)
from apps.datasources.selectors import registry

_PROTECTED = ~Q(pii_kind="") & (Q(pii_decision="confirmed") | Q(pii_decision="", pii_tier="high"))
_TO_REVIEW = Q(pii_conflict=True) | Q(pii_decision="", pii_tier="low")


@dataclass(frozen=True, slots=True)
class Described:
    """A profiled table with what classification sees of it."""

    table: CatalogTable
    subject: Subject


def list_tables(actor: Actor, datasource_id: UUID | None = None, *, text: str = "") -> QuerySet[CatalogTable]:
    """Tables the sources still have, with counts of columns and protected columns, and their recommendation."""
    actor.require(Scope.CATALOG_READ)
    rows = CatalogTable.objects.present().select_related("datasource", "recommendation")
    rows = rows.exclude(datasource__status__in=("archived", "disconnected"))
    if datasource_id is not None:
        rows = rows.filter(datasource_id=datasource_id)
    if text:
        rows = rows.matching(text)
    protected = Q(columns__in=CatalogColumn.objects.filter(_PROTECTED))
    return rows.annotate(column_count=Count("columns"), protected_count=Count("columns", filter=protected))


def list_warehouses(actor: Actor) -> list[Datasource]:
    """Datasources that can be profiled: active ones that speak BigQuery SQL."""
    return [
        source
        for source in registry.list_datasources(actor)
        if source.is_runnable and source.type != DatasourceType.POSTGRES
    ]


def get_table_for(actor: Actor, table_id: UUID) -> CatalogTable:
    """One table with its columns; raises NotFound."""
    actor.require(Scope.CATALOG_READ)
    found = (
        CatalogTable.objects.select_related("datasource", "recommendation")
        .prefetch_related("columns")
        .filter(id=table_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such table.")
    return found


def describe_profiled(datasource_id: UUID) -> list[Described]:
    """All profiled tables of a datasource that are still there, as classification sees them. Two queries."""
    tables = CatalogTable.objects.present().filter(datasource_id=datasource_id).exclude(profile={})
    return [_described(table) for table in tables.prefetch_related("columns")]


def _described(table: CatalogTable) -> Described:
    columns = [column for column in table.columns.all() if column.facts]
    profile = from_json({**table.profile, "columns": [column.facts for column in columns]})
    decided = {column.name: SemanticType(column.semantic) for column in columns if column.semantic_edited}
    pii = {column.name: column.hidden_as for column in columns if column.hidden_as}
    return Described(table, subject(profile, pii=pii, partition_column=table.partition_column or None, decided=decided))


def confirmed_models(viewer: Actor | TenantRef | None, datasource_id: UUID) -> list[ConfirmedTable]:
    """What people confirmed about the tables of a datasource, reference data included. Two queries.

    Inside the entered tenant; an Actor is checked for `catalog:read`.
    """
    if isinstance(viewer, Actor):
        viewer.require(Scope.CATALOG_READ)
    rows = (
        Recommendation.objects.filter(
            datasource_id=datasource_id, status=RecommendationStatus.CONFIRMED, table__gone_at__isnull=True
        )
        .select_related("table")
        .prefetch_related(Prefetch("table__columns"))
        .order_by("table__dataset", "table__name")
    )
    return [_confirmed(row) for row in rows]


def _confirmed(row: Recommendation) -> ConfirmedTable:
    table, fields = row.table, row.fields
    columns = tuple(_fact(column) for column in table.columns.all())
    earliest = moment(table.profile.get("earliest"))
    return ConfirmedTable(
        table_id=table.id,
        dataset=table.dataset,
        name=table.name,
        role=fields.role,
        time_column=fields.time_column,
        amount_column=fields.amount_column,
        entity_key=fields.entity_key,
        dimensions=fields.dimensions,
        columns=columns,
        row_count=table.row_count,
        catalog_hash=_hash(row, columns),
        quantity_column=fields.quantity_column,
        discount_column=fields.discount_column,
        amount_divisor=fields.amount_divisor,
        amount_kind=fields.amount_kind,
        borrowed_time=fields.borrowed_time.as_contract() if fields.borrowed_time else None,
        foreign_keys=tuple(key.as_contract() for key in fields.foreign_keys),
        partition_column=table.partition_column or None,
        latest_at=table.latest_at,
        earliest_at=earliest,
        description=table.description,
        missing_days=tuple(table.profile.get("missing_days", ())),
    )


def _fact(column: CatalogColumn) -> ColumnFact:
    facts = column.facts
    spelled = facts.get("time_format", "")
    return ColumnFact(
        name=column.name,
        type=column.type,
        semantic=SemanticType(column.semantic or SemanticType.TEXT),
        null_share=column.null_share or 0.0,
        distinct=column.distinct,
        pii=column.protected_as,
        time_format="" if spelled == "native" else spelled,
        top_values=() if column.hidden_as else tuple(str(value) for value, _ in facts.get("top_values", ())),
        description=column.description,
        number_format=facts.get("number_format", ""),
    )


def _hash(row: Recommendation, columns: Iterable[ColumnFact]) -> str:
    """Of everything that shapes SQL: fields, types, spellings, protection."""
    shape = [[c.name, c.type, c.pii, c.time_format, c.number_format, c.semantic] for c in columns]
    content = orjson.dumps([str(row.table), row.confirmed, shape], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:32]


def list_recommendations(
    actor: Actor, datasource_id: UUID | None = None, *, status: str = ""
) -> QuerySet[Recommendation]:
    """Recommendations for tables that are still there, most certain first."""
    actor.require(Scope.CATALOG_READ)
    rows = Recommendation.objects.select_related("table", "datasource").filter(table__gone_at__isnull=True)
    rows = rows.exclude(datasource__status__in=("archived", "disconnected"))
    if datasource_id is not None:
        rows = rows.filter(datasource_id=datasource_id)
    return rows.filter(status=status) if status else rows


def can_be_time(column: CatalogColumn) -> bool:
    """Whether a column can say when."""
    return family_of(column.type) is Family.TIME or bool(column.facts.get("time_format"))


def can_be_amount(column: CatalogColumn) -> bool:
    """Whether a column can be added up."""
    return family_of(column.type) is Family.NUMBER or bool(column.facts.get("number_format"))


def protected_columns(datasource_id: UUID) -> dict[tuple[str, str, str], str]:
    """(dataset, table, column) in lower case to the class, of all protected columns. One indexed query."""
    rows = CatalogColumn.objects.filter(_PROTECTED, table__datasource_id=datasource_id)
    return {
        (dataset.lower(), table.lower(), name.lower()): kind
        for dataset, table, name, kind in rows.values_list("table__dataset", "table__name", "name", "pii_kind")
    }


def count_personal_data(datasource_id: UUID) -> tuple[int, int]:
    """(columns protected, columns awaiting review)."""
    rows = CatalogColumn.objects.filter(table__datasource_id=datasource_id, table__gone_at__isnull=True)
    return rows.filter(_PROTECTED).count(), rows.filter(_TO_REVIEW).count()


def list_pii_review(actor: Actor, datasource_id: UUID | None = None) -> QuerySet[CatalogColumn]:
    """Columns a person should decide about: suspicions, and decisions that new evidence contradicts."""
    return list_columns(actor, _TO_REVIEW, datasource_id)


def list_protected(actor: Actor, datasource_id: UUID | None = None) -> QuerySet[CatalogColumn]:
    """Columns that are protected, by evidence or by a person's word."""
    return list_columns(actor, _PROTECTED, datasource_id)


def list_columns(actor: Actor, wanted: Q, datasource_id: UUID | None = None) -> QuerySet[CatalogColumn]:
    """Columns of tables that are still there, of datasources in use."""
    actor.require(Scope.CATALOG_READ)
    rows = CatalogColumn.objects.filter(wanted, table__gone_at__isnull=True).select_related("table__datasource")
    rows = rows.exclude(table__datasource__status__in=("archived", "disconnected"))
    if datasource_id is not None:
        rows = rows.filter(table__datasource_id=datasource_id)
    return rows.order_by("pii_tier", "-id")


def profiled_count(datasource_id: UUID | None = None) -> int:
    """How many tables have a profile."""
    rows = CatalogTable.objects.present().filter(state=ProfileState.DONE)
    return (rows.filter(datasource_id=datasource_id) if datasource_id else rows).count()


def drift(table: CatalogTable) -> Sequence[dict[str, object]]:
    """What changed between the two newest profiles: columns, types, null shares, distinct counts, rows."""
    newest = list(table.snapshots.order_by("-taken_at")[:2])
    if len(newest) < 2:
        return ()
    now, before = newest
    found: list[dict[str, object]] = []
    for name in sorted({*now.columns, *before.columns}):
        current, earlier = now.columns.get(name), before.columns.get(name)
        if earlier is None or current is None:
            found.append({"column": name, "change": "new" if earlier is None else "removed"})
        elif current["type"] != earlier["type"]:
            found.append({"column": name, "change": "type", "before": earlier["type"], "now": current["type"]})
        elif abs(current["null_share"] - earlier["null_share"]) >= 0.05:
            found.append(
                {"column": name, "change": "nulls", "before": earlier["null_share"], "now": current["null_share"]}
            )
    if before.row_count and abs(now.row_count - before.row_count) >= 0.2 * before.row_count:
        found.append({"column": "", "change": "rows", "before": before.row_count, "now": now.row_count})
    return found
