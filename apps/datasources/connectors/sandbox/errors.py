"""DuckDB's errors in the words and codes of the failure catalogue; never with a path or SQL of ours."""

import re

import duckdb

from apps.core.errors import AtomError, Conflict, Forbidden, InvalidInput, LimitReached, QueryTimeout, Upstream

_PATH = re.compile(r"(\"|')?/[^\s\"',)\]]+(\"|')?")
_PREFIX = re.compile(r"^[A-Za-z ]+ Error: ")


def translated(error: Exception, *, expired: bool, cancelled: bool, seconds: float) -> AtomError:
    """The error to raise for what DuckDB raised."""
    if expired:
        return QueryTimeout(
            f"The query ran longer than its limit of {seconds:g} s and was stopped.",
            next_steps=["Narrow the time window or read fewer columns."],
        )
    if cancelled:
        return Conflict("The query was cancelled.", code="CANCELLED")
    if isinstance(error, duckdb.OutOfMemoryException):
        return LimitReached(
            "The query needs more memory than one query may take.",
            code="QUOTA_EXCEEDED",
            next_steps=["Aggregate earlier, or read fewer columns and a narrower time window."],
        )
    if isinstance(error, duckdb.PermissionException):
        return Forbidden("The sandbox does not let queries reach outside their own tables.", code="PERMISSION_DENIED")
    if isinstance(error, duckdb.IOException | duckdb.InternalException | duckdb.FatalException):
        return Upstream("A file of the sandbox warehouse could not be read; try again.", code="TRANSIENT_ERROR")
    return InvalidInput(plain(str(error)), code="VALIDATION_FAILED")


def plain(message: str) -> str:
    """The first line of DuckDB's message without its prefix and without paths."""
    first = _PREFIX.sub("", message.split("\n", 1)[0]).strip()
    return _PATH.sub("a file", first)[:400] or "The query could not be run."
