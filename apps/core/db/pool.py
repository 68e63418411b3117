"""What a connection sheds on its way back to the pool (no Django import: settings use this)."""

from typing import Any

import psycopg


def reset_connection(connection: psycopg.Connection[Any]) -> None:
    """Pool hook: a connection goes back without role, settings, cursors or locks (one round trip, off the request)."""
    connection.execute("RESET ROLE; RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all()", prepare=False)
