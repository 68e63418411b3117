"""A look at some rows of a table: through the gate, redacted for the caller, like any other statement."""

from apps.core.actor import Actor
from apps.datasources.contracts import ExecutionResult
from apps.datasources.models import CatalogTable
from apps.datasources.selectors import registry
from apps.datasources.services import execution
from apps.policies.contracts import TableRef

ROWS = 20


def draw(actor: Actor, table: CatalogTable) -> ExecutionResult:
    """At most twenty rows."""
    connector = registry.open_for(actor, table.datasource_id).connector
    statement = connector.sample(TableRef(table.name, table.dataset), rows=ROWS)
    return execution.run(actor, table.datasource_id, statement, max_rows=ROWS)
