"""Looks for personal data in warehouse tables, and in columns, that no profile has seen, before a statement reads them.

A look is the first step of a profile alone: one bounded sample through the gate, its values counted and forgotten. A
table that cannot be looked at, because the sample costs too much for one, has its texts protected until it can.
"""

import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from threading import Lock
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.datasources.connectors.protocol import Connector
from apps.datasources.engine.profiling import reading, sampling, statements
from apps.datasources.engine.profiling.families import Family
from apps.datasources.models import CatalogColumn, CatalogTable
from apps.datasources.selectors import registry as reads
from apps.datasources.selectors.protected import UNRECOGNISED, ProtectedColumns
from apps.datasources.services import introspection, personal_data, profiling
from apps.policies.contracts import TableRef, TableView

_HOUR: Final = 3600.0
_KEPT: Final = 20_000
_PII_FIELDS: Final = ("pii_kind", "pii_tier", "pii_evidence", "pii_conflict")
log = structlog.get_logger(__name__)

_seen: dict[tuple[UUID, str, str, str], float] = {}
_lock = Lock()


def prepared(actor: Actor, opened: reads.Opened, tables: Sequence[TableRef]) -> ProtectedColumns:
    """The protected columns of the datasource, once every table of the statement has been looked at."""
    connector = opened.connector
    views = [view for ref in tables if (view := connector.table(ref)) is not None]
    named = {(view.ref.dataset, view.ref.name): view for view in views}
    unknown = {name: view for name, view in named.items() if not _is_known(opened.id, connector, name)}
    if not unknown:
        return opened.hidden
    failed = [table for table in _due(actor, opened.id, unknown) if not _look(actor, opened.id, table)]
    _remember(opened.id, connector, unknown.keys() - {(table.dataset, table.name) for table in failed})
    hidden = reads.open_for(actor, opened.id).hidden
    return hidden.with_texts(_texts(failed)) if failed else hidden


def _is_known(datasource_id: UUID, connector: Connector, name: tuple[str, str]) -> bool:
    return _seen.get((datasource_id, connector.version, *name), 0.0) > time.monotonic()


def _remember(datasource_id: UUID, connector: Connector, names: AbstractSet[tuple[str, str]]) -> None:
    until = time.monotonic() + _HOUR
    with _lock:
        if len(_seen) >= _KEPT:
            _seen.clear()
        _seen.update({(datasource_id, connector.version, *name): until for name in names})


def _due(actor: Actor, datasource_id: UUID, views: Mapping[tuple[str, str], TableView]) -> list[CatalogTable]:
    """Those with a column that has no verdict; what the catalog has not heard of is taken into it first."""
    found = _in_catalog(datasource_id, views)
    if not _is_complete(found, views):
        introspection.refresh(actor, datasource_id)
        found = _in_catalog(datasource_id, views)
    return [table for table in found if any(not column.pii_evidence for column in table.columns.all())]


def _in_catalog(datasource_id: UUID, views: Mapping[tuple[str, str], TableView]) -> list[CatalogTable]:
    rows = CatalogTable.objects.present().filter(datasource_id=datasource_id, name__in=[name for _, name in views])
    return [row for row in rows.prefetch_related("columns") if (row.dataset, row.name) in views]


def _is_complete(found: Sequence[CatalogTable], views: Mapping[tuple[str, str], TableView]) -> bool:
    known = {(table.dataset, table.name): {column.name for column in table.columns.all()} for table in found}
    return all({column.name for column in view.columns} <= known.get(name, set()) for name, view in views.items())


def _look(actor: Actor, datasource_id: UUID, table: CatalogTable) -> bool:
    """Sample a table and keep what was found; False when it cannot be read."""
    columns = {column.name: column for column in table.columns.all()}
    fields = profiling.fields_of_table(columns)
    percent = sampling.sample_percent(table.row_count) if table.kind == "table" else 100
    target = profiling.target_of(table, percent, columns)
    try:
        rows = [
            row
            for part in statements.sample(target, fields)
            for row in profiling.rows(actor, datasource_id, part, artifact_ref="recognition", unattended=True)
        ]
    except AtomError as error:
        log.warning("recognition.failed", table=str(table), code=error.code)
        return False
    found = personal_data.verdicts(table, columns, fields, reading.sampled_values(fields, rows))
    with transaction.atomic():
        current = CatalogColumn.objects.select_for_update().filter(table=table, name__in=found).order_by("id")
        standing = {column.name: column for column in current}
        personal_data.write(standing, personal_data.kept(standing, {name: found[name] for name in standing}))
        CatalogColumn.objects.bulk_update(standing.values(), _PII_FIELDS)
    return True


def _texts(tables: Sequence[CatalogTable]) -> dict[tuple[str, str, str], str]:
    return {
        (table.dataset.lower(), table.name.lower(), field.name.lower()): UNRECOGNISED
        for table in tables
        for field in profiling.fields_of_table({column.name: column for column in table.columns.all()})
        if field.family in {Family.TEXT, Family.NESTED, Family.ARRAY}
    }


def forget() -> None:
    """Drop what this process remembers."""
    with _lock:
        _seen.clear()
