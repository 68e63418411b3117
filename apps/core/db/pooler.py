"""Notices a pooler that hands out server sessions by transaction (PgBouncer's transaction mode), which ATOM refuses.

Role and search_path belong to the session: shared by transaction, one tenant's would be met by another's statements.
Two clients are enough to see it: what the first set in its session must stay with it while the second is busy.
"""

import secrets
from typing import Any

import psycopg

_MARK = "atom.session_mark"
_ADVICE = (
    "POSTGRES_DSN leads to a pooler that shares sessions between transactions. Tenants are kept apart by the session's"
    " role: point it at PostgreSQL itself, or set the pooler to session mode."
)


class SharedSessionsError(Exception):
    """The sessions behind this address are not its clients' own."""


def refuse_shared_sessions(dsn: str) -> None:
    """Raise SharedSessionsError when sessions are shared; psycopg's error when nobody answers. Cost: two logins."""
    with psycopg.connect(dsn, autocommit=True) as first, psycopg.connect(dsn, autocommit=True) as second:
        mark = secrets.token_hex(16)
        pid = _scalar(first, "SELECT pg_backend_pid()")
        first.execute("SELECT set_config(%s, %s, false)", [_MARK, mark])
        with second.transaction():  # whoever shares gives this transaction the session that is idle: the first one's
            if _scalar(second, "SELECT pg_backend_pid()") == pid or _marked(second) == mark:
                raise SharedSessionsError(_ADVICE)
            if _scalar(first, "SELECT pg_backend_pid()") != pid or _marked(first) != mark:
                raise SharedSessionsError(_ADVICE)


def _marked(connection: psycopg.Connection[Any]) -> Any:
    return _scalar(connection, f"SELECT current_setting('{_MARK}', true)")


def _scalar(connection: psycopg.Connection[Any], statement: Any) -> Any:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None
