"""What Postgres says, in ATOM's errors: message and position for the person, never our SQL or a value of a row."""

from typing import Final

import psycopg
from psycopg import errors

from apps.core.errors import AtomError, Forbidden, InvalidInput, QueryTimeout, Unavailable

_OUR_FAULT_FREE: Final = ("22", "42", "0A", "21", "23", "44", "2F", "54", "P0", "25")


def translated(error: psycopg.Error, *, sql: str = "", prefix: int = 0) -> AtomError:
    """The error to answer with. `prefix` is how many characters ATOM wrote in front of the text."""
    state = error.sqlstate or ""
    if isinstance(error, errors.QueryCanceled):
        return QueryTimeout("The statement ran longer than its limit and was stopped.", extra={"sqlstate": state})
    if isinstance(error, errors.InsufficientPrivilege):
        return Forbidden(_message(error), extra={"sqlstate": state, **_position(error, sql, prefix)})
    if state[:2] in _OUR_FAULT_FREE:
        return InvalidInput(
            _message(error),
            code="SQL_ERROR",
            next_steps=_hint(error),
            extra={"sqlstate": state, **_position(error, sql, prefix)},
        )
    if isinstance(error, psycopg.OperationalError):
        return Unavailable(
            "The database is not reachable.", next_steps=["Test the datasource."], extra={"sqlstate": state}
        )
    return Unavailable("The database could not run this.", extra={"sqlstate": state})


def _message(error: psycopg.Error) -> str:
    text = error.diag.message_primary or "Postgres refused the statement"
    return text[:1].upper() + text[1:500].rstrip(".") + "."


def _hint(error: psycopg.Error) -> list[str]:
    return [error.diag.message_hint] if error.diag.message_hint else []


def _position(error: psycopg.Error, sql: str, prefix: int) -> dict[str, int]:
    """Character position from 0, line and column from 1, in the text the person wrote."""
    at = error.diag.statement_position
    if not at or not sql:
        return {}
    offset = int(at) - 1 - prefix
    if not 0 <= offset <= len(sql):
        return {}
    line_start = sql.rfind("\n", 0, offset) + 1
    return {"position": offset, "line": sql.count("\n", 0, offset) + 1, "column": offset - line_start + 1}
