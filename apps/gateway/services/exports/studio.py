"""The studio database by pg_dump in its custom format, streamed: neither file nor memory holds it."""

import os
import subprocess
from collections.abc import Iterator

import psycopg.conninfo

from apps.core.actor import Actor
from apps.core.errors import Upstream
from apps.core.tenant import TenantRef
from apps.datasources.connectors.postgres.access import secret_name, studio_database
from apps.gateway.services.exports.streams import BLOCK
from apps.policies.services.secrets import SecretsManager
from apps.tenancy.services import installation, script
from atom_project.config import config

_LEVEL = "owner"  # pg_dump must see every table, also those that the others may not read


def dump(tenant: TenantRef, actor: Actor) -> Iterator[bytes]:
    """The dump, block by block; raises Upstream when pg_dump fails. The tenant is entered."""
    secret = SecretsManager(tenant).reveal(secret_name(_LEVEL), actor=actor, purpose="export")
    command = [str(script.PG_DUMP), "--format=custom", "--no-owner", "--no-privileges", f"--dbname={_target(tenant)}"]
    environment = {**os.environ, "PGPASSWORD": secret, "PGCONNECT_TIMEOUT": "10"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            while process.stdout and (block := process.stdout.read(BLOCK)):
                yield block
        except BaseException:
            process.kill()
            raise
        complaint = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
    if process.returncode:
        raise Upstream(f"pg_dump could not dump the studio database: {complaint.splitlines()[:1]}")


def _target(tenant: TenantRef) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(config.postgres_dsn.get_secret_value())
    place = {name: str(parts[name]) for name in ("host", "port", "sslmode", "sslrootcert") if name in parts}
    user = installation.studio_role_name(tenant.id.hex, _LEVEL)
    return psycopg.conninfo.make_conninfo("", **place, dbname=studio_database(tenant.id), user=user)
