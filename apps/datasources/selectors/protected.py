"""Columns of personal data, as the profiler and people marked them, and the outputs of a statement they reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from apps.datasources.connectors.protocol import Connector, Tracing
from apps.datasources.models.catalog import CatalogColumn, PiiDecision
from apps.policies.contracts import Permit


@dataclass(frozen=True, slots=True)
class ProtectedColumns:
    """(dataset, table, column) in lower case to the class of what it holds; `version` changes with any of it."""

    columns: Mapping[tuple[str, str, str], str]
    version: str

    def outputs(self, connector: Connector, permit: Permit, *, clear: bool) -> dict[int, str]:
        """Places of the outputs to redact, and the class to name there. Nothing for who may see them `clear`."""
        if clear:
            return {}
        found = {column.ordinal: column.kind for column in permit.pii if column.redacted}
        if self.columns and isinstance(connector, Tracing):
            for place, origins in enumerate(connector.origins(permit.sql)):
                kinds = sorted({self.columns[origin] for origin in origins if origin in self.columns})
                if kinds:
                    found[place] = kinds[0]
        return found


def columns_of(datasource_id: UUID) -> ProtectedColumns:
    """The protected columns of one datasource of the entered tenant, as of now: one query, never kept."""
    found = {
        (row.dataset_name.lower(), row.table_name.lower(), row.name.lower()): row.protected_as  # type: ignore[attr-defined]
        for row in CatalogColumn.objects.raw(_MARKED, [datasource_id, PiiDecision.REJECTED])
    }
    columns = {key: kind for key, kind in found.items() if kind is not None}
    return ProtectedColumns(columns, str(hash(frozenset(columns.items()))) if columns else "0")


# In SQL by hand: it is asked before every execution, and building it by the ORM costs more than running it.
_MARKED = """
SELECT c.id, c.name, c.pii_kind, c.pii_tier, c.pii_decision, t.dataset AS dataset_name, t.name AS table_name
FROM catalog_columns c JOIN catalog_tables t ON t.id = c.table_id
WHERE t.datasource_id = %s AND c.pii_kind <> '' AND c.pii_decision <> %s
"""
