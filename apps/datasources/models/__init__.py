"""Tables of `datasources`; all live in the tenant's schema."""

from apps.datasources.models.execution import QueryPreview
from apps.datasources.models.registry import (
    Datasource,
    DatasourceEvent,
    DatasourceSecret,
    DatasourceState,
    DatasourceVersion,
)
from apps.datasources.models.sandbox import SandboxCommit, SandboxFile, SandboxTable

__all__ = [
    "Datasource",
    "DatasourceEvent",
    "DatasourceSecret",
    "DatasourceState",
    "DatasourceVersion",
    "QueryPreview",
    "SandboxCommit",
    "SandboxFile",
    "SandboxTable",
]
