"""Columns of personal data, as the profiler and people marked them, and the outputs of a statement they reach."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from apps.datasources.connectors.protocol import Connector, Tracing
from apps.policies.contracts import Permit
from apps.policies.services import gate


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


# Read with the datasource itself (selectors.registry), in the one query that every execution starts with.
MARKED = """
(SELECT jsonb_agg(jsonb_build_array(lower(t.dataset), lower(t.name), lower(c.name), c.pii_kind) ORDER BY c.id)
 FROM catalog_columns c JOIN catalog_tables t ON t.id = c.table_id
 WHERE t.datasource_id = d.id AND c.pii_kind <> '' AND c.pii_decision <> 'rejected'
 AND (c.pii_decision = 'confirmed' OR c.pii_tier = 'high'))
"""


def columns_from(marked: str | None) -> ProtectedColumns:
    """The protected columns as MARKED gives them (JSON text), never kept: CatalogColumn.protected_as, in SQL."""
    columns = {(dataset, table, name): kind for dataset, table, name, kind in orjson.loads(marked or "[]")}
    return ProtectedColumns(columns, gate.sha256(marked)[:16] if marked else "0")
