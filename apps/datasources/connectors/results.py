"""The result cache in Redis: rows by tenant, datasource, data version, statement and view of personal data.

Rows are kept as JSON with a typed reading per column; nested types are not kept. Without Redis every look-up misses.
"""

import base64
import re
import zlib
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
import redis
import structlog

from apps.core.redis import client
from apps.datasources.contracts import ResultColumn, ResultSet

TTL_SECONDS: Final = 600
_MAX_ROWS: Final = 10_000
_MAX_BYTES: Final = 4 << 20
_VOLATILE: Final = re.compile(r"\b(CURRENT_\w+|RAND|GENERATE_UUID|TABLESAMPLE|SESSION_USER)\b", re.IGNORECASE)
_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "DATE": date.fromisoformat,
    "TIMESTAMP": datetime.fromisoformat,
    "DATETIME": datetime.fromisoformat,
    "TIME": time.fromisoformat,
    "NUMERIC": Decimal,
    "BIGNUMERIC": Decimal,
    "BYTES": base64.b64decode,
}
_PLAIN: Final = frozenset({"STRING", "INT64", "FLOAT64", "BOOL", "JSON"})
log = structlog.get_logger(__name__)


def key(tenant_id: UUID, datasource_id: UUID, version: str, query_hash: str, view: str) -> str:
    """Where a result lies: same text, same data, same view."""
    return f"t:{tenant_id}:results:{datasource_id}:{version}:{query_hash}:{view}"


def is_stable(sql: str) -> bool:
    """Whether the statement gives the same answer until the data changes."""
    return not _VOLATILE.search(sql)


def get(name: str) -> ResultSet | None:
    """The kept result, if there is one."""
    try:
        found = client().get(name)
    except redis.RedisError as error:
        log.warning("result_cache_unreachable", error=type(error).__name__)
        return None
    return _read(found) if isinstance(found, bytes) else None


def put(name: str, result: ResultSet) -> None:
    """Keep a result for ten minutes, when it is small and plain enough."""
    kinds = {column.type for column in result.columns}
    if len(result.rows) > _MAX_ROWS or kinds - _PLAIN - set(_READ):
        return
    body = zlib.compress(_written(result), 1)
    if len(body) > _MAX_BYTES:
        return
    try:
        client().set(name, body, ex=TTL_SECONDS)
    except redis.RedisError as error:
        log.warning("result_cache_unreachable", error=type(error).__name__)


def _written(result: ResultSet) -> bytes:
    columns = [[column.name, column.type, column.redacted] for column in result.columns]
    document = [columns, result.rows, result.bytes_processed, result.truncated, result.warnings]
    return orjson.dumps(document, default=_text)


def _text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _read(body: bytes) -> ResultSet:
    columns, rows, size, truncated, warnings = orjson.loads(zlib.decompress(body))
    readers = [_READ.get(kind) for _, kind, _ in columns]
    kept = [
        tuple(
            value if value is None or reader is None else reader(value)
            for value, reader in zip(row, readers, strict=True)
        )
        for row in rows
    ] if any(readers) else [tuple(row) for row in rows]  # fmt: skip
    names = tuple(ResultColumn(name, kind, redacted) for name, kind, redacted in columns)
    return ResultSet(names, kept, size, 0, truncated, tuple(warnings))
