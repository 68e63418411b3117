"""The types of datasource, by dotted path so that a driver loads on first use. Frozen after start."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import cast

from django.utils.module_loading import import_string

from apps.core.errors import InvalidInput
from apps.datasources.connectors.protocol import Connection, Connector
from apps.datasources.enums import DatasourceType


@dataclass(frozen=True, slots=True)
class ConnectorKind:
    """`path` names a callable that takes a Connection; `schema` is the JSON Schema of its configuration."""

    type: DatasourceType
    title: str
    description: str
    path: str
    schema: Mapping[str, object]


KINDS: Mapping[DatasourceType, ConnectorKind] = MappingProxyType({
    DatasourceType.SANDBOX: ConnectorKind(
        DatasourceType.SANDBOX,
        "Sandbox warehouse",
        "A warehouse of your own inside ATOM: the demo company, or tables from your CSV, JSON lines and Parquet files. "
        "It speaks BigQuery SQL.",
        "apps.datasources.connectors.sandbox.connector.SandboxConnector",
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "datasets": {"type": "array", "items": {"type": "string"}, "title": "Datasets (all when empty)"},
                "mock": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "latency_ms": {"type": "integer", "minimum": 0, "maximum": 60000},
                        "bytes_scanned_estimate": {"type": "integer", "minimum": 0},
                        "faults": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["on", "nth", "code"],
                                "additionalProperties": False,
                                "properties": {
                                    "on": {"enum": ["execute", "dry_run", "test", "introspect"]},
                                    "nth": {"type": "integer", "minimum": 1},
                                    "code": {
                                        "enum": [
                                            "TIMEOUT", "QUOTA_EXCEEDED", "PERMISSION_DENIED", "TRANSIENT_ERROR",
                                            "MALFORMED_RESPONSE", "PARTIAL_RESULTS",
                                        ]
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    ),
    DatasourceType.POSTGRES: ConnectorKind(
        DatasourceType.POSTGRES,
        "PostgreSQL",
        "A PostgreSQL database, read only.",
        "apps.datasources.connectors.postgres.connector.PostgresConnector",
        {"type": "object"},
    ),
})  # fmt: skip


def kind_of(type_name: str) -> ConnectorKind:
    """The kind so named; raises InvalidInput."""
    try:
        return KINDS[DatasourceType(type_name)]
    except (KeyError, ValueError):
        raise InvalidInput(f"There is no datasource type “{type_name}”.", code="UNKNOWN_TYPE") from None


@lru_cache
def _factory(path: str) -> object:
    return import_string(path)


def open_connector(type_name: str, connection: Connection) -> Connector:
    """A connector of that type over `connection`."""
    factory = _factory(kind_of(type_name).path)
    assert callable(factory)
    return cast("Connector", factory(connection))
