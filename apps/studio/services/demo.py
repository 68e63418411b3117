"""Loads the demo company's tables into a tenant's studio project, once."""

import psycopg

from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.connectors.postgres.access import secret_name, studio_database
from apps.policies.services.secrets import SecretsManager
from apps.studio.engine import demo_sql
from apps.tenancy.services import installation
from atom_project.config import config


def load_demo(tenant: TenantRef) -> bool:
    """Make the demo tables as the project's owner; False when they are there already. The tenant must be entered."""
    system = Actor.system(tenant, "demo")
    password = SecretsManager(tenant).reveal(secret_name("owner"), actor=system, purpose="load demo tables")
    parts = psycopg.conninfo.conninfo_to_dict(config.postgres_dsn.get_secret_value())
    parts |= {
        "dbname": studio_database(tenant.id),
        "user": installation.studio_role_name(tenant.id.hex, "owner"),
        "password": password,
    }
    with psycopg.connect(psycopg.conninfo.make_conninfo("", **parts)) as connection:
        found = connection.execute("SELECT to_regclass(%s)", [f"public.{demo_sql.MARK}"]).fetchone()
        if found and found[0] is not None:
            return False
        for statement in demo_sql.STATEMENTS:
            connection.execute(statement)
    trail.record(system, "studio.demo_loaded", object_type="database", object_id=studio_database(tenant.id))
    return True
