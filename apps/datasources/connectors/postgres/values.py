"""How values leave Postgres: exactly as Postgres prints them, unless JSON has the very same thing.

Booleans, integers, floats, JSON and arrays become Python's own. Everything else stays text (numeric keeps every digit,
`infinity` dates and years before Christ exist, bytea is `\\x…`), so no value can fail to load.
"""

from typing import Any, Final

import orjson
import psycopg
from psycopg.types.json import set_json_loads
from psycopg.types.string import TextLoader

_NATIVE: Final = frozenset({"bool", "int2", "int4", "int8", "oid", "float4", "float8", "json", "jsonb"})


def plain_values(connection: psycopg.Connection[Any]) -> None:
    """Set the loaders of a new connection."""
    for info in psycopg.adapters.types:
        if info.name not in _NATIVE and info.oid:
            connection.adapters.register_loader(info.oid, TextLoader)
    set_json_loads(_json, context=connection)


def _json(data: "str | bytes") -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:  # numbers wider than 64 bits
        return data if isinstance(data, str) else data.decode()
