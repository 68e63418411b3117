"""Which datasource is the tenant's studio project, and what is in it."""

from dataclasses import dataclass
from functools import cache
from typing import cast
from uuid import UUID

from apps.core import tenant
from apps.core.actor import Actor
from apps.core.errors import InvalidInput, NotFound
from apps.core.permissions import Scope
from apps.datasources.connectors.postgres.catalog import Table
from apps.datasources.connectors.postgres.connector import PostgresConnector
from apps.datasources.models import Datasource
from apps.datasources.selectors import registry
from apps.datasources.selectors.protected import Tracing
from apps.datasources.services.execution import tracing
from apps.studio.services.project import PROJECT


def project_id(actor: Actor) -> UUID:
    """Id of the entered tenant's studio project; raises NotFound. It never changes, so it is asked for once."""
    actor.require(Scope.STUDIO_READ)
    return _project_of(tenant.require().id)


@cache
def _project_of(_tenant_id: UUID) -> UUID:
    found = Datasource.objects.standing().filter(project=PROJECT, type="postgres").order_by("created_at").first()
    if found is None:
        raise NotFound("This tenant has no studio project.")
    return found.id


def connector_for(actor: Actor, datasource_id: UUID | None = None) -> PostgresConnector:
    """The connector of the studio project or of another Postgres datasource. Raises NotFound, InvalidInput."""
    return traced_connector_for(actor, datasource_id or project_id(actor))[0]


def traced_connector_for(actor: Actor, datasource_id: UUID) -> tuple[PostgresConnector, Tracing]:
    """The same, with what follows its protected columns."""
    opened = registry.open_for(actor, datasource_id)
    if opened.type != "postgres":
        raise InvalidInput("The Data Studio works on Postgres datasources.", code="NOT_POSTGRES")
    connector = cast("PostgresConnector", opened.connector)
    return connector, tracing(actor, opened)


def list_tables(actor: Actor, datasource_id: UUID | None = None) -> tuple[Table, ...]:
    """Tables, views and the like that the read-only role may read, with columns and keys."""
    actor.require(Scope.STUDIO_READ)
    return connector_for(actor, datasource_id).tables()


@dataclass(frozen=True, slots=True)
class Choice:
    """A datasource SQL can be sent to."""

    id: UUID
    name: str
    type: str


def list_choices(actor: Actor) -> list[Choice]:
    """Active datasources, the studio project first."""
    actor.require(Scope.STUDIO_READ)
    rows = Datasource.objects.standing().filter(status="active").order_by("name")
    choices = [(row.project != PROJECT, Choice(row.id, row.name, row.type)) for row in rows]
    return [choice for _, choice in sorted(choices, key=lambda each: each[0])]
