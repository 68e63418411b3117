"""What the gate may ask of a datasource: its tables with protected columns marked, and the price of a statement."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from apps.datasources.connectors.protocol import Connector
from apps.policies.contracts import Estimate, TableRef, TableView

Protected = Mapping[tuple[str, str, str], str]
"""(dataset, table, column), lower case, to the class of personal data it holds."""


class GateView:
    """CatalogView and Estimator of one opened datasource."""

    def __init__(self, datasource_id: UUID, connector: Connector, protected: Protected, facts_version: str) -> None:
        self._connector = connector
        self._protected = protected
        self.billed_by_bytes = connector.billed_by_bytes
        self.version = f"{datasource_id}:{connector.version}:{facts_version}"

    def table(self, ref: TableRef) -> TableView | None:
        """The table with its protected columns marked."""
        view = self._connector.table(ref)
        if view is None or not self._protected:
            return view
        columns = tuple(
            replace(column, pii=self._protected.get(_key(view.ref, column.name), column.pii)) for column in view.columns
        )
        return replace(view, columns=columns)

    def similar(self, ref: TableRef) -> Sequence[str]:
        """Names like the one that does not exist."""
        return self._connector.similar(ref)

    def estimate(self, sql: str) -> Estimate:
        """A dry run on the connector."""
        return self._connector.dry_run(sql)


def _key(ref: TableRef, column: str) -> tuple[str, str, str]:
    return ref.dataset.lower(), ref.name.lower(), column.lower()
