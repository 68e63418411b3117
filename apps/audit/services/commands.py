"""Management commands are recorded too: each run from the command line is one entry of the platform's chain.

The names of the options are kept, never their values, which may be secrets.
"""

import sys
from collections.abc import Sequence
from typing import Final

import structlog
from django.core.management import get_commands
from django.db import Error as DatabaseError

from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.errors import AtomError

log = structlog.get_logger(__name__)
# These touch no installation: they read the code, or statements from standard input.
UNRECORDED: Final = frozenset({
    "check", "check_sql", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages",
    "makemigrations", "showmigrations", "spectacular", "sqlmigrate", "startapp", "startproject", "testserver",
    "version",
})  # fmt: skip


def record(argv: Sequence[str], outcome: str) -> None:
    """Record a command line that has ended; never raises for want of a database."""
    name = argv[1] if len(argv) > 1 else "help"
    options = [word.split("=")[0] for word in argv[2:] if word.startswith("-")]
    if name in UNRECORDED or name not in get_commands() or {"--help", "-h"} & set(options):
        return
    try:
        trail.record(
            Actor.system(None, "command line"),
            f"command.{name}",
            object_type="command",
            object_id=name,
            outcome=outcome,
            summary={"options": options},
        )
    except (DatabaseError, AtomError) as error:
        # No database, or none that is migrated yet: the command has said so already where it matters.
        log.warning("command.not_recorded", command=name, error=type(error).__name__)
        sys.stderr.write(f"{name} could not be recorded in the audit trail: the database does not answer.\n")
