"""Row locks and SELECT INTO change something, whatever they look like."""

from collections.abc import Iterator

from apps.policies.contracts import Finding
from apps.policies.engine.statement import Context, Reading, block

NAME = "no_locks"


def check(reading: Reading, _context: Context) -> Iterator[Finding]:
    """Block FOR UPDATE, FOR SHARE and INTO."""
    if reading.shape.row_locks:
        yield block(NAME, "A read may not lock rows.", "Leave out FOR UPDATE or FOR SHARE.")
    if reading.shape.writes_into:
        yield block(NAME, "SELECT INTO makes a table.", "Leave out INTO.")
