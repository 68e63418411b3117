"""Reads of the registry: datasources with their version and state, and the connector of one, opened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from django.db.models import QuerySet, Sum

from apps.core import tenant
from apps.core.actor import Actor
from apps.core.db import prepared
from apps.core.errors import Conflict, NotFound
from apps.core.ids import new_id
from apps.core.permissions import Scope
from apps.datasources import registry
from apps.datasources.connectors.protocol import TRIAL, Connection, Connector
from apps.datasources.enums import DatasourceStatus
from apps.datasources.models import Datasource, DatasourceEvent, DatasourceSecret, DatasourceVersion
from apps.datasources.selectors.protected import MARKED, ProtectedColumns, columns_from
from apps.policies.services.secrets import SecretsManager


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list may be narrowed by; empty means any."""

    status: str = ""
    type: str = ""
    owner_id: UUID | None = None
    tag: str = ""
    text: str = ""


def list_datasources(actor: Actor, chosen: Filter = Filter()) -> QuerySet[Datasource]:
    """The tenant's datasources; archived ones only when asked for by status. One query with the state joined."""
    actor.require(Scope.DATASOURCE_VIEWER)
    rows = Datasource.objects.select_related("state")
    rows = rows.filter(status=chosen.status) if chosen.status else rows.standing()
    if chosen.type:
        rows = rows.filter(type=chosen.type)
    if chosen.owner_id:
        rows = rows.filter(owner_id=chosen.owner_id)
    if chosen.tag:
        rows = rows.filter(tags__contains=[chosen.tag])
    return rows.matching(chosen.text) if chosen.text else rows


def get_datasource_for(actor: Actor, datasource_id: UUID) -> Datasource:
    """One datasource; raises NotFound."""
    actor.require(Scope.DATASOURCE_VIEWER)
    found = Datasource.objects.select_related("state").filter(id=datasource_id).first()
    if found is None:
        raise NotFound("There is no such datasource.")
    return found


def current_version(datasource: Datasource) -> DatasourceVersion | None:
    """The published version, or the newest draft before there is one."""
    number = datasource.state.current_version
    versions = datasource.versions.order_by("-number")
    return versions.filter(number=number).first() if number else versions.first()


def list_versions(actor: Actor, datasource_id: UUID) -> Sequence[DatasourceVersion]:
    """All versions, newest first."""
    return list(get_datasource_for(actor, datasource_id).versions.order_by("-number"))


def list_events(actor: Actor, datasource_id: UUID, *, limit: int = 50) -> Sequence[DatasourceEvent]:
    """The newest events."""
    return list(get_datasource_for(actor, datasource_id).events.order_by("-created_at", "-id")[:limit])


@dataclass(frozen=True, slots=True)
class Opened:
    """A runnable datasource, its connector, its columns of personal data, and the time columns people confirmed."""

    id: UUID
    name: str
    type: str
    connector: Connector
    hidden: ProtectedColumns
    times: Mapping[str, str]
    """`dataset.table`, lower case, to the column."""


def open_for(actor: Actor, datasource_id: UUID) -> Opened:
    """The datasource opened for execution, from its published version. One query where nothing is secret.

    Raises NotFound, and Conflict when it is not active.
    """
    found = prepared.fetch_one(_CURRENT, [datasource_id])
    if found is None:
        get_datasource_for(actor, datasource_id)
        raise Conflict("This datasource has no published version.", code="NOT_PUBLISHED")
    name, kind, status, config, marked, secret_version, times = found
    if status != DatasourceStatus.ACTIVE:
        raise Conflict(
            f"The datasource “{name}” is {status}.", code="DATASOURCE_NOT_ACTIVE",
            next_steps=["Connect it again, or choose another one."],
        )  # fmt: skip
    connector = _connector(actor, datasource_id, kind, orjson.loads(config), str(secret_version))
    return Opened(datasource_id, name, kind, connector, columns_from(marked), orjson.loads(times) if times else {})


# In SQL by hand: every query starts here, and building this one by the ORM costs three times what running it does.
_CURRENT = f"""
SELECT d.name, d.type, d.status, v.config, {MARKED}::text,
       (SELECT coalesce(sum(k.version), 0) FROM datasource_secrets k WHERE k.datasource_id = d.id),
       CASE WHEN d.type <> 'postgres' THEN (
         SELECT jsonb_object_agg(lower(t.dataset || '.' || t.name), r.confirmed->>'time_column')
         FROM catalog_recommendations r JOIN catalog_tables t ON t.id = r.table_id
         WHERE r.datasource_id = d.id AND r.status = 'confirmed' AND r.confirmed->>'time_column' <> '') END::text
FROM datasources d
JOIN datasource_state s ON s.datasource_id = d.id
JOIN datasource_versions v ON v.datasource_id = d.id AND v.number = s.current_version WHERE d.id = %s
"""  # noqa: S608 - a constant of ours


def opened(actor: Actor, datasource: Datasource, config: dict[str, object]) -> Connector:
    """A connector over `config` and the datasource's own secrets."""
    version = DatasourceSecret.objects.filter(datasource=datasource).aggregate(total=Sum("version"))["total"] or 0
    return _connector(actor, datasource.id, datasource.type, config, str(version))


def on_trial(actor: Actor, datasource: Datasource, config: dict[str, object], secrets: Mapping[str, str]) -> Connector:
    """A connector that uses `secrets` where they are given and the kept ones for the rest; close it after the test."""
    kept = SealedSecrets(actor, datasource.id)
    merged = {key: kept[key] for key in kept if key not in secrets} | dict(secrets)
    connection = Connection(tenant.require(), datasource.id, config, merged, f"{TRIAL}{new_id()}")
    return registry.open_connector(datasource.type, connection)


def _connector(
    actor: Actor, datasource_id: UUID, kind: str, config: dict[str, object], secret_version: str
) -> Connector:
    secrets = SealedSecrets(actor, datasource_id)
    return registry.open_connector(kind, Connection(tenant.require(), datasource_id, config, secrets, secret_version))


class SealedSecrets(Mapping[str, str]):
    """The secrets of a datasource, each opened (and that audited) only when a connector asks for it."""

    def __init__(self, actor: Actor, datasource_id: UUID) -> None:
        self._actor = actor
        self._datasource_id = datasource_id

    def __getitem__(self, key: str) -> str:
        secret = self._stored().filter(key=key).first()
        if secret is None:
            raise KeyError(key)
        name = secret_name(self._datasource_id, key)
        value = bytes(secret.encrypted_value)
        return SecretsManager().unseal(name, secret.version, value, actor=self._actor, purpose="connect")

    def _stored(self) -> QuerySet[DatasourceSecret]:
        return DatasourceSecret.objects.filter(datasource_id=self._datasource_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored().values_list("key", flat=True))

    def __len__(self) -> int:
        return self._stored().count()


def list_secrets(actor: Actor, datasource_id: UUID) -> Sequence[DatasourceSecret]:
    """Names, versions, who and when of a datasource's secrets; the sealed values are not even read."""
    actor.require(Scope.DATASOURCE_ADMIN)
    return list(get_datasource_for(actor, datasource_id).secrets.defer("encrypted_value").order_by("key"))


def secret_name(datasource_id: UUID, key: str) -> str:
    """What a datasource's secret is bound to when it is sealed."""
    return f"datasource:{datasource_id}:{key}"


def count_by_status(actor: Actor) -> dict[str, int]:
    """How many datasources stand in each status."""
    actor.require(Scope.DATASOURCE_VIEWER)
    statuses = Datasource.objects.exclude(status=DatasourceStatus.ARCHIVED).values_list("status", flat=True)
    return {status: list(statuses).count(status) for status in set(statuses)}


def names_of(_actor: Actor, ids: set[UUID]) -> dict[UUID, str]:
    """Names of datasources by id, archived ones included: for lists that mention them."""
    return dict(Datasource.objects.filter(id__in=ids).values_list("id", "name"))


def all_names(actor: Actor) -> dict[UUID, str]:
    """Names of all datasources, for a filter."""
    actor.require(Scope.DATASOURCE_VIEWER)
    return dict(Datasource.objects.values_list("id", "name")[:500])
