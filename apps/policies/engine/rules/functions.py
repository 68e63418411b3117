"""Functions are an allow-list: what is unknown may read files, other sessions or another service."""

from collections.abc import Iterator

from apps.policies.contracts import Finding
from apps.policies.engine.statement import Context, Reading, block

NAME = "function_allowed"


def check(reading: Reading, _context: Context) -> Iterator[Finding]:
    """Block each unlisted function once. Arguments are never echoed."""
    for name, use in {f"{use.namespace}.{use.name}".strip("."): use for use in reading.shape.unknown_functions}.items():
        yield block(
            NAME, f"The function {name} is not on the list of functions a read may call.",
            "Use a built-in function that only computes.", place=use.place,
        )  # fmt: skip
