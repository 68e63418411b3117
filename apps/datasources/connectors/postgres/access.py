"""Where a Postgres datasource is and who logs in: from its configuration, never from what a caller says.

A configuration without a host means this installation's own cluster, and there only the tenant's studio database.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Final
from uuid import UUID

import psycopg.conninfo

from apps.core.actor import Actor
from apps.core.errors import InvalidInput
from apps.datasources.connectors.protocol import Connection
from apps.policies.services.secrets import SecretsManager
from apps.tenancy.services import installation
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
    if connection.config.get("host"):
        place, user = _foreign(connection), str(connection.config.get("user") or "")
    else:
        place, user = _own_cluster(connection), installation.studio_role_name(connection.tenant.id.hex, level)
    if not user:
        raise InvalidInput("This datasource has no login.", code="NO_LOGIN")
    parts = (connection.tenant.id, connection.datasource_id, user, sorted(place.items()), connection.secret_version)
    identity = "|".join(str(part) for part in parts)
    key = hashlib.sha256(identity.encode()).hexdigest()
    return Access(key, connection.tenant.id, place, user, is_studio(connection))


def secret_name(level: str) -> str:
    """Name of the studio project's password of that level in the secrets manager."""
    return f"studio/{level}"


def password(connection: Connection, level: str = "ro") -> str:
    """The password of that login. Opens the secret (audited), so ask only when a pool is made."""
    if is_studio(connection):
        system = Actor.system(connection.tenant, "studio")
        return SecretsManager(connection.tenant).reveal(secret_name(level), actor=system, purpose="connect")
    try:
        return connection.secrets["password"]
    except KeyError:
        raise InvalidInput("The password of this datasource is missing.", code="NO_SECRET") from None


def _own_cluster(connection: Connection) -> dict[str, str]:
    if not is_studio(connection):
        raise InvalidInput("Name the host of the database.", code="NO_HOST")
    return {**_cluster(), "dbname": studio_database(connection.tenant.id)}


@cache
def _cluster() -> dict[str, str]:
    parts = psycopg.conninfo.conninfo_to_dict(config.postgres_dsn.get_secret_value())
    return {name: str(parts[name]) for name in ("host", "port", "sslmode", "sslrootcert") if parts.get(name)}


def _foreign(connection: Connection) -> dict[str, str]:
    settings = connection.config
    place = {name: str(settings[name]) for name in ("host", "port", "dbname") if settings.get(name)}
    return {**place, "sslmode": str(settings.get("sslmode") or "require")}
