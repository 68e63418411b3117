"""Columns that hold personal data, as the profiler and people marked them, and the outputs of a statement they reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from apps.datasources.connectors.protocol import Connector, Tracing
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


_NONE = ProtectedColumns(MappingProxyType({}), "0")


def columns_of(datasource_id: UUID) -> ProtectedColumns:
    """The protected columns of one datasource of the entered tenant."""
    return _NONE
