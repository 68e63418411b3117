"""Row generators can make billions of rows out of nothing: their bounds must be literal and small."""

from collections.abc import Iterator

from apps.policies.contracts import Finding
from apps.policies.engine.statement import Context, Reading, block

NAME = "generated_rows"


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """Block a generator that makes more rows than the cap."""
    for name, rows in reading.shape.generators:
        if rows is not None and rows > context.limits.generated_rows:
            yield block(
                NAME,
                f"{name} would make {rows} rows; {context.limits.generated_rows} are allowed.",
                "Narrow its bounds.",
            )
