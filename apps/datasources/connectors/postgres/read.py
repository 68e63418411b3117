"""The read path: explicit BEGIN READ ONLY, the caller's identity as transaction-local settings, one statement behind a
cursor by the extended protocol, always ROLLBACK. One pipeline carries all of it, so a small read is one round trip.

A read-only *default* can be switched off by the SQL itself; an explicit transaction can't. The extended protocol
refuses a second statement, whatever the text looks like.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson
import psycopg

from apps.core.actor import Actor
from apps.datasources.connectors.postgres.errors import translated
from apps.policies.contracts import Permit

CURSOR: Final = "DECLARE atom_result NO SCROLL CURSOR FOR "
_FIRST_BATCH: Final = 100
_LARGEST_BATCH: Final = 5_000
_BATCH_BYTES: Final = 4_000_000
_RESULT_BYTES: Final = 64_000_000
_SETTINGS: Final = (
    "SELECT set_config('statement_timeout', %s, true), set_config('request.jwt.claims', %s, true),"
    " set_config('atom.tenant', %s, true), set_config('atom.member', %s, true),"
    # The gate read the text by this rule; a database that takes '\\' for an escape would read another one.
    " set_config('standard_conforming_strings', 'on', true)"
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """Rows of one read. `truncated`: more rows were there than asked for; `cut_by_size`: the result grew too large."""

    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]]
    truncated: bool
    cut_by_size: bool
    bytes: int


def settings_of(actor: Actor, timeout_ms: int) -> list[str]:
    """The identity that row-level security sees, and the timeout."""
    tenant = str(actor.tenant.id) if actor.tenant else ""
    member = str(actor.id or "")
    claims = {"sub": member, "role": str(actor.role), "tenant": tenant, "email": actor.email}
    return [str(timeout_ms), orjson.dumps(claims).decode(), tenant, member]


def fetch(connection: psycopg.Connection[Any], permit: Permit) -> Fetched:
    """Run exactly `permit.sql` and fetch at most `permit.row_limit` rows. Raises what `errors.translated` makes."""
    wanted = permit.row_limit + 1
    small = min(wanted, wanted if permit.at_most is None else permit.at_most) <= _FIRST_BATCH  # one round trip for all
    try:
        with connection.pipeline():
            connection.execute("BEGIN READ ONLY", prepare=False)
            connection.execute(_SETTINGS, settings_of(permit.request.actor, permit.timeout_ms), prepare=True)
            connection.execute(_verbatim(permit.sql), prepare=False)
            cursor = connection.execute(f"FETCH {min(wanted, _FIRST_BATCH)} FROM atom_result", prepare=False)
            if small:
                connection.execute("ROLLBACK", prepare=False)
        return _collect(connection, cursor, wanted, has_more=not small)
    except psycopg.Error as error:
        raise translated(error, sql=permit.sql, prefix=len(CURSOR)) from error
    finally:
        if not connection.closed and connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
            connection.execute("ROLLBACK", prepare=False)


def _verbatim(sql: str) -> bytes:
    """The user's text as it is (bytes: psycopg looks for no placeholders of its own without parameters)."""
    return (CURSOR + sql).encode()


def _collect(
    connection: psycopg.Connection[Any], cursor: psycopg.Cursor[Any], wanted: int, *, has_more: bool
) -> Fetched:
    columns = tuple((column.name, column.type_display) for column in cursor.description or ())
    rows, size, asked = cursor.fetchall(), 0, _FIRST_BATCH
    size = _size(rows)
    batch = rows
    while has_more and len(batch) == asked and len(rows) < wanted and size < _RESULT_BYTES:
        asked = min(wanted - len(rows), _LARGEST_BATCH, max(1, _BATCH_BYTES * len(rows) // max(1, size)))
        batch = connection.execute(f"FETCH {asked} FROM atom_result", prepare=False).fetchall()
        rows += batch
        size += _size(batch)
    cut = size >= _RESULT_BYTES
    truncated = len(rows) >= wanted or (cut and len(batch) == asked)
    return Fetched(columns, rows[: wanted - 1], truncated, cut, size)


def _size(rows: list[tuple[Any, ...]]) -> int:
    """Roughly the bytes of a batch: text by its length, everything else as eight."""
    return sum(len(value) if isinstance(value, str) else 8 for row in rows for value in row)
