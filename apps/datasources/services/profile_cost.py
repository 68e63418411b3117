"""What a profile would read, before it runs: a dry run of its statements. Nothing is scanned and nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.datasources.connectors.protocol import Connector
from apps.datasources.contracts import IntrospectedTable
from apps.datasources.engine.profiling import sampling, statements
from apps.datasources.engine.profiling.families import base_type, fields_of
from apps.datasources.engine.profiling.statements import Reading, Target
from apps.datasources.selectors import registry
from apps.datasources.services.profiling import ProfileInput
from apps.policies.services import settings

_SCANS = 2
"""Figures are one scan; samples, top values and days together read less than another."""


@dataclass(frozen=True, slots=True)
class ProfileCost:
    """An upper estimate: `sampled` tables are read in part."""

    tables: int
    sampled: int
    bytes: int
    usd: Decimal


def estimate(actor: Actor, wish: ProfileInput) -> ProfileCost:
    """What `wish` would read. Cost: one dry run a table (more for very wide ones)."""
    actor.require(Scope.CATALOG_PROFILE)
    connector = registry.open_for(actor, wish.datasource_id).connector
    chosen = _chosen(connector.introspect(), wish.tables)
    percents = [sampling.sample_percent(table.row_count, full=wish.full) for table in chosen]
    read = sum(_bytes(connector, table, percent) for table, percent in zip(chosen, percents, strict=True))
    return ProfileCost(
        len(chosen), sum(percent < 100 for percent in percents), read, settings.current().limits.usd(read)
    )


def _chosen(found: Sequence[IntrospectedTable], names: Sequence[str]) -> list[IntrospectedTable]:
    wanted = {name.lower() for name in names}
    return [
        table
        for table in found
        if not wanted or f"{table.dataset}.{table.name}".lower() in wanted or table.name.lower() in wanted
    ]


def _bytes(connector: Connector, table: IntrospectedTable, percent: int) -> int:
    types = {column.name: base_type(column.type) for column in table.columns}
    target = Target(
        table.dataset, table.name, table.row_count, 100, table.partition_column,
        types.get(table.partition_column or "", "DATE"),
    )  # fmt: skip
    readings = [Reading(field) for column in table.columns for field in fields_of(column.name, column.type)]
    whole = sum(connector.dry_run(statements.bigquery(part)).bytes for part in statements.statistics(target, readings))
    return _SCANS * whole * percent // 100
