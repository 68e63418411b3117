"""Request ids: taken from the caller when they are well formed, else made by us."""

import re
from typing import Final

_GOOD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,127}")


def accepted(given: str) -> str:
    """`given` when it can go into logs, headers and events as it is, else the empty string."""
    return given if given and _GOOD.fullmatch(given) else ""
