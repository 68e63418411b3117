"""Tables of `datasources`; all live in the tenant's schema."""

from apps.datasources.models.catalog import (
    CatalogColumn,
    CatalogTable,
    PiiDecision,
    ProfileSnapshot,
    ProfileState,
    Recommendation,
    RecommendationStatus,
)
from apps.datasources.models.execution import QueryPreview
from apps.datasources.models.registry import (
    Datasource,
    DatasourceEvent,
    DatasourceSecret,
    DatasourceState,
    DatasourceVersion,
)
from apps.datasources.models.sandbox import SandboxCommit, SandboxFile, SandboxTable, SandboxUpload

__all__ = [
    "CatalogColumn",
    "CatalogTable",
    "Datasource",
    "DatasourceEvent",
    "DatasourceSecret",
    "DatasourceState",
    "DatasourceVersion",
    "PiiDecision",
    "ProfileSnapshot",
    "ProfileState",
    "QueryPreview",
    "Recommendation",
    "RecommendationStatus",
    "SandboxCommit",
    "SandboxFile",
    "SandboxTable",
    "SandboxUpload",
]
