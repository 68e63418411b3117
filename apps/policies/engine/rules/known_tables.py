"""Plan validation: every table the statement names must exist in the catalog, `SELECT *` or not.

Postgres looks names up itself before it runs anything (search_path, temporary and system tables included) and names
the place; the catalog would only know less.
"""

from collections.abc import Iterator

from apps.policies.contracts import Dialect, Finding
from apps.policies.engine.statement import Context, Reading, block

NAME = "table_exists"


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """Block a table the catalog does not know, with the nearest names."""
    if context.catalog is None or context.dialect is Dialect.POSTGRES:
        return
    for ref in reading.shape.tables:
        if "*" not in ref.name and context.catalog.table(ref) is None:
            near = ", ".join(context.catalog.similar(ref)[:3])
            yield block(NAME, f"There is no table {ref}.", f"Did you mean {near}?" if near else "Look in the catalog.")
