"""The owner's connections, outside Django."""

from typing import Any

import psycopg

from atom_project.config import config


def connect() -> psycopg.Connection[Any]:
    """A connection of the owner, in autocommit."""
    return psycopg.connect(config.postgres_admin_dsn.get_secret_value(), autocommit=True, options="-c TimeZone=UTC")
