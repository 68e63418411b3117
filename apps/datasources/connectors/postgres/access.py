"""Where a Postgres datasource is and who logs in: from its configuration, never from what a caller says.

A configuration without a host means this installation's own cluster, and there only the tenant's studio database.
"""

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import psycopg.conninfo

from apps.core.errors import InvalidInput
from apps.datasources.connectors.protocol import Connection
from atom_project.config import config

DATABASE_PREFIX: Final = "studio_"
LEVELS: Final = ("ro", "rw", "owner")


def studio_database(tenant_id: UUID) -> str:
    """Name of a tenant's studio database in the embedded cluster; UUIDs make it unique across installations."""
    return f"{DATABASE_PREFIX}{tenant_id.hex}"


@dataclass(frozen=True, slots=True)
class Access:
    """One login on one database; `key` names its pool."""

    key: str
    tenant_id: UUID
    place: dict[str, str]
    user: str
    is_studio: bool


def is_studio(connection: Connection) -> bool:
    """Whether this is the tenant's own studio project in the embedded cluster."""
    return not connection.config.get("host") and connection.config.get("dbname") == studio_database(
        connection.tenant.id
    )


def access(connection: Connection, level: str = "ro") -> Access:
    """How to log in at `level`. Raises InvalidInput for a configuration that points where it must not."""
    settings = connection.config
    users = settings.get("users")
    user = users.get(level) if isinstance(users, dict) else settings.get("user")
    if not user:
        raise InvalidInput(f"This datasource has no {level} login.", code="NO_LOGIN")
    place = _own_cluster(connection) if not settings.get("host") else _foreign(connection)
    identity = "|".join(
        (str(connection.tenant.id), str(connection.datasource_id), level, str(sorted(place.items())), user)
    )
    key = hashlib.sha256(identity.encode()).hexdigest()
    return Access(key, connection.tenant.id, place, str(user), is_studio(connection))


def password(connection: Connection, level: str = "ro") -> str:
    """The password of that login; opens the secret, so ask only when a pool is made."""
    name = f"password_{level}" if isinstance(connection.config.get("users"), dict) else "password"
    try:
        return connection.secrets[name]
    except KeyError:
        raise InvalidInput("The password of this datasource is missing.", code="NO_SECRET") from None


def _own_cluster(connection: Connection) -> dict[str, str]:
    if not is_studio(connection):
        raise InvalidInput("Name the host of the database.", code="NO_HOST")
    parts = psycopg.conninfo.conninfo_to_dict(config.postgres_dsn.get_secret_value())
    place = {name: str(parts[name]) for name in ("host", "port", "sslmode", "sslrootcert") if parts.get(name)}
    return {**place, "dbname": studio_database(connection.tenant.id)}


def _foreign(connection: Connection) -> dict[str, str]:
    settings = connection.config
    place = {name: str(settings[name]) for name in ("host", "port", "dbname") if settings.get(name)}
    return {**place, "sslmode": str(settings.get("sslmode") or "require")}
