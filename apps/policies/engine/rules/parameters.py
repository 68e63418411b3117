"""A query parameter reads nothing, but a statement that waits for one does not run: nobody binds it here."""

from collections.abc import Iterator

from apps.policies.contracts import Finding, Outcome
from apps.policies.engine.statement import Context, Reading

NAME = "parameters"
_SHOWN = 5


def check(reading: Reading, _context: Context) -> Iterator[Finding]:
    """Note the parameters; the dry run refuses the statement while they have no value."""
    names = reading.shape.parameters
    if names:
        shown = ", ".join(name[:40] for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        yield Finding(NAME, Outcome.NOTE, f"The statement waits for values: {shown}.", "Write the values themselves.")
