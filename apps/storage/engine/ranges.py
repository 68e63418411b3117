"""HTTP byte ranges (RFC 9110, 14.2): one range is served, anything else is answered with the whole."""

import re
from typing import Final

_ONE: Final = re.compile(r"bytes=(\d*)-(\d*)")


class UnsatisfiableError(ValueError):
    """The range begins after the end."""


def parse(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte (inclusive) of the range, or None for the whole; raises UnsatisfiableError."""
    match = _ONE.fullmatch(header.strip())
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        if int(last) == 0 or size == 0:
            raise UnsatisfiableError
        return max(0, size - int(last)), size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise UnsatisfiableError
    return int(first), min(int(last), size - 1) if last else size - 1
