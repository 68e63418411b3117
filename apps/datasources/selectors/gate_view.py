"""What the gate may ask of a datasource: its tables with protected columns marked, and the price of a statement."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from apps.datasources.connectors.protocol import Connector
from apps.datasources.selectors.protected import ProtectedColumns
from apps.policies.contracts import Estimate, TableRef, TableView


class GateView:
    """CatalogView and Estimator of one opened datasource."""

    def __init__(
        self, datasource_id: UUID, connector: Connector, hidden: ProtectedColumns, times: Mapping[str, str]
    ) -> None:
        self._connector = connector
        self._protected = hidden.columns
        self._times = times
        self.billed_by_bytes = connector.billed_by_bytes
        self.version = f"{datasource_id}:{connector.version}:{hidden.version}:{_version_of(times)}"

    def table(self, ref: TableRef) -> TableView | None:
        """The table with its protected columns marked, and the time column somebody confirmed where it has none."""
        view = self._connector.table(ref)
        if view is not None and self._times and not (view.partition_column or view.time_column):
            confirmed = self._times.get(f"{view.ref.dataset}.{view.ref.name}".lower())
            view = replace(view, time_column=confirmed)
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


def _version_of(times: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(times.items())).encode()).hexdigest()[:16] if times else "0"


def _key(ref: TableRef, column: str) -> tuple[str, str, str]:
    return ref.dataset.lower(), ref.name.lower(), column.lower()
