"""A wildcard table reads every table it matches: it needs a bound on _TABLE_SUFFIX."""

from collections.abc import Iterator

from apps.policies.contracts import Finding
from apps.policies.engine.statement import Context, Reading, block

NAME = "wildcard_bound"


def check(reading: Reading, _context: Context) -> Iterator[Finding]:
    """Block a wildcard without a filter."""
    if reading.shape.wildcards and not reading.shape.has_suffix_filter:
        yield block(
            NAME,
            f"{reading.shape.wildcards[0]} reads every matching table.",
            "Add WHERE _TABLE_SUFFIX BETWEEN … AND ….",
        )
