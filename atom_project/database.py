"""What every process that serves tenants asks of its database before it begins."""

import os
import sys

import psycopg
import structlog

from apps.core.db.pooler import SharedSessionsError, refuse_shared_sessions
from atom_project.config import config

log = structlog.get_logger(__name__)


def refuse_pooler() -> None:
    """End the process with one line when its sessions are shared; a database that is out is for readiness to say."""
    if os.environ.get("ATOM_NO_SERVERS"):
        return
    try:
        refuse_shared_sessions(config.postgres_dsn.get_secret_value())
    except SharedSessionsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(78)  # EX_CONFIG
    except psycopg.OperationalError as error:
        log.warning("sessions_unchecked", error=type(error).__name__)
