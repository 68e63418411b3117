"""Type names between BigQuery and DuckDB, and how many logical bytes BigQuery counts for a value.

Sizes: INT64, FLOAT64, TIMESTAMP, DATETIME, DATE, TIME 8; BOOL 1; NUMERIC 16; BIGNUMERIC 32; STRING and BYTES 2 plus
their length; STRUCT the sum of its fields; ARRAY the sum of its elements; JSON its text; NULL nothing.
"""

import re

_FROM_DUCKDB = {
    "BOOLEAN": "BOOL", "TINYINT": "INT64", "SMALLINT": "INT64", "INTEGER": "INT64", "BIGINT": "INT64",
    "HUGEINT": "INT64", "UTINYINT": "INT64", "USMALLINT": "INT64", "UINTEGER": "INT64", "UBIGINT": "INT64",
    "UHUGEINT": "INT64", "FLOAT": "FLOAT64", "DOUBLE": "FLOAT64", "VARCHAR": "STRING", "BLOB": "BYTES",
    "DATE": "DATE", "TIME": "TIME", "TIME WITH TIME ZONE": "TIME", "TIMESTAMP": "DATETIME", "TIMESTAMP_S": "DATETIME",
    "TIMESTAMP_MS": "DATETIME", "TIMESTAMP_NS": "DATETIME", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP", "JSON": "JSON",
    "INTERVAL": "INTERVAL", "UUID": "STRING", "BIT": "BYTES", "NULL": "STRING", "\"NULL\"": "STRING",
}  # fmt: skip
_TO_DUCKDB = {
    "BOOL": "BOOLEAN", "INT64": "BIGINT", "FLOAT64": "DOUBLE", "NUMERIC": "DECIMAL(38,9)",
    "BIGNUMERIC": "DECIMAL(38,18)", "STRING": "VARCHAR", "BYTES": "BLOB", "DATE": "DATE", "TIME": "TIME",
    "DATETIME": "TIMESTAMP", "TIMESTAMP": "TIMESTAMP WITH TIME ZONE", "JSON": "JSON", "INTERVAL": "INTERVAL",
}  # fmt: skip
_FIXED = {
    "BOOL": 1, "INT64": 8, "FLOAT64": 8, "DATE": 8, "TIME": 8, "DATETIME": 8, "TIMESTAMP": 8, "NUMERIC": 16,
    "BIGNUMERIC": 32, "INTERVAL": 16,
}  # fmt: skip


def from_duckdb(name: str) -> str:
    """BigQuery's name for a DuckDB type; nested types included. Unknown types (ENUM, MAP) read as STRING or JSON."""
    text = name.strip()
    upper = text.upper()
    if upper.endswith("[]"):
        return f"ARRAY<{from_duckdb(text[:-2])}>"
    if upper.endswith("]") and "[" in upper:
        return f"ARRAY<{from_duckdb(text[: text.rindex('[')])}>"
    if upper.startswith("STRUCT("):
        fields = (_field(part) for part in split_top_level(text[7:-1]))
        return "STRUCT<" + ", ".join(f"{field} {from_duckdb(kind)}" for field, kind in fields) + ">"
    if upper.startswith("DECIMAL"):
        return _decimal(upper)
    if upper.startswith("MAP("):
        return "JSON"
    return _FROM_DUCKDB.get(upper, "STRING")


def to_duckdb(name: str) -> str:
    """DuckDB's name for a BigQuery type."""
    text = name.strip()
    upper = text.upper()
    if upper.startswith("ARRAY<"):
        return to_duckdb(text[6:-1]) + "[]"
    if upper.startswith("STRUCT<"):
        fields = (part.strip().split(" ", 1) for part in split_top_level(text[7:-1], "<", ">"))
        return "STRUCT(" + ", ".join(f'"{field}" {to_duckdb(kind)}' for field, kind in fields) + ")"
    return _TO_DUCKDB.get(upper.split("(")[0], "VARCHAR")


def _decimal(name: str) -> str:
    scale = int(match[1]) if (match := re.search(r",\s*(\d+)\)", name)) else 0
    return "NUMERIC" if scale <= 9 else "BIGNUMERIC"


def _field(part: str) -> tuple[str, str]:
    part = part.strip()
    if part.startswith('"'):
        end = part.index('"', 1)
        return part[1:end], part[end + 1 :].strip()
    field, _, kind = part.partition(" ")
    return field, kind


def split_top_level(text: str, opening: str = "(", closing: str = ")") -> list[str]:
    """Split at commas that stand outside any bracket."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == opening) - (char == closing)
        if char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def size_sql(column: str, kind: str) -> str:
    """A DuckDB aggregate: the logical bytes of all values of `column` (a quoted expression) in the group."""
    upper = kind.upper().split("(")[0]
    if upper in _FIXED:
        return f"(count({column}) * {_FIXED[upper]})::BIGINT"
    return f"coalesce(sum({_value_size(column, kind)}), 0)::BIGINT"


def _value_size(value: str, kind: str, depth: int = 0) -> str:
    upper = kind.upper()
    base = upper.split("(")[0]
    if base in _FIXED:
        return f"(CASE WHEN {value} IS NULL THEN 0 ELSE {_FIXED[base]} END)"
    if upper.startswith("ARRAY<"):
        name = f"e{depth}"
        inner = _value_size(name, kind[6:-1], depth + 1)
        return f"coalesce(list_sum(list_transform({value}, lambda {name}: {inner})), 0)"
    if upper.startswith("STRUCT<"):
        fields = (part.strip().split(" ", 1) for part in split_top_level(kind[7:-1], "<", ">"))
        sizes = [_value_size(f'({value})."{field}"', inner, depth) for field, inner in fields]
        return "(" + " + ".join(sizes or ["0"]) + ")"
    if upper == "BYTES":
        return f"coalesce(octet_length({value}) + 2, 0)"
    extra = 0 if upper == "JSON" else 2
    return f"coalesce(strlen({value}::VARCHAR) + {extra}, 0)"
