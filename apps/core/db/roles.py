"""Who this installation is to its database server. Roles are cluster-wide, so all its role names begin alike."""

import re
from functools import cache

from psycopg.conninfo import conninfo_to_dict

from atom_project.config import config


@cache
def user_of(dsn: str) -> str:
    """The role that a connection string logs in as."""
    return str(conninfo_to_dict(dsn).get("user", ""))


def app_role() -> str:
    """The runtime role that POSTGRES_DSN logs in as."""
    return user_of(config.postgres_dsn.get_secret_value())


def prefix() -> str:
    """Start of every role name of this installation, `atom_<id>`: also its name among others on the same machine."""
    return re.sub(r"_app$", "", app_role())
