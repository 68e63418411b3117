"""Names in Postgres SQL."""

import re
from typing import Final

_PLAIN: Final = re.compile(r"^[a-z_][a-z0-9_]*$")


def quoted(schema: str, name: str) -> str:
    """A table's name as SQL writes it; `public` is left out."""
    parts = [name] if schema == "public" else [schema, name]
    return ".".join(part if _PLAIN.match(part) else '"' + part.replace('"', '""') + '"' for part in parts)


def looking_into(schema: str, name: str) -> str:
    """The statement that shows the first rows of a table."""
    return f"SELECT * FROM {quoted(schema, name)} LIMIT 100"  # noqa: S608  # the name is quoted, and a person runs it
