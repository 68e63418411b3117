"""System tables that show jobs, sessions, roles or other people's queries stay closed."""

from collections.abc import Iterator

from apps.policies.contracts import Finding
from apps.policies.engine.statement import Context, Reading, block

NAME = "system_tables"


def check(reading: Reading, _context: Context) -> Iterator[Finding]:
    """Block each closed system table."""
    for name in dict.fromkeys(reading.shape.system_schemas):
        yield block(NAME, f"{name} shows more than your own data.", "The catalog page lists tables and columns.")
