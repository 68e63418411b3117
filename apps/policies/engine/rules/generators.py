"""Row generators can make billions of rows out of nothing: blocked where bytes are billed, asked about on Postgres,
where the cursor and the timeout bound what one can cost."""

from collections.abc import Iterator

from apps.policies.contracts import ApprovalKind, Dialect, Finding, Outcome
from apps.policies.engine.statement import Context, Reading

NAME = "generated_rows"


def check(reading: Reading, context: Context) -> Iterator[Finding]:
    """A generator that makes more rows than the cap."""
    cap, asked = context.limits.generated_rows, context.dialect is Dialect.POSTGRES
    for name, rows in reading.shape.generators:
        if rows is not None and rows > cap:
            yield Finding(
                NAME, Outcome.ASK if asked else Outcome.BLOCK, f"{name} would make {rows} rows; {cap} are allowed.",
                "Narrow its bounds.", observed=rows, limit=cap, approval=ApprovalKind.COMPLEXITY if asked else None,
            )  # fmt: skip
